package io.agentrun.tck.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.tck.simulation.PlainHost.Defect;
import io.agentrun.worker.AgentWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SimulationTest {

    private static final int SEEDS = 40;

    /** How soon a wrong host must be caught. */
    private static final int MOST_SEEDS = 1_000;

    private static final Simulation WORKER =
            Simulation.of(machine -> AgentWorker.builder(machine.store(), machine.runnerId())
                    .slots(2)
                    .lease(machine.lease())
                    .stopGrace(Duration.ofSeconds(2))
                    .scheduler(machine.scheduler())
                    .executor(machine.executor())
                    .agent(turn -> {
                        machine.work(turn.run(), turn.events()::line);
                        return TurnResult.of(Outcome.completed());
                    })
                    .start());

    @Test
    void the_worker_passes() {
        WORKER.check(1, SEEDS);
    }

    @Test
    void a_host_that_is_written_by_hand_and_right_passes() {
        Simulation.of(new PlainHost(Defect.NONE)).check(1, SEEDS);
    }

    @TestFactory
    Stream<DynamicTest> a_wrong_host_is_caught() {
        return Stream.of(Defect.values())
                .filter(defect -> defect != Defect.NONE)
                .map(defect -> DynamicTest.dynamicTest(defect.name(), () -> {
                    Optional<SimulationReport> caught =
                            Simulation.of(new PlainHost(defect)).firstFailure(1, MOST_SEEDS);

                    assertThat(caught).isPresent();
                    assertThat(caught.orElseThrow().violations()).anyMatch(words -> words.contains(expected(defect)));
                }));
    }

    private static String expected(Defect defect) {
        return switch (defect) {
            case WRITES_WITHOUT_A_FENCE, ANSWERS_TWICE -> "stands line";
            case FORGETS_TO_HEARTBEAT, NEVER_FINISHES -> "ran out, though nothing was wrong";
            case LOSES_LINES -> "lines";
            case NONE -> "nothing";
        };
    }

    @Test
    void one_seed_replays_exactly_and_two_differ() {
        for (long seed = 1; seed <= 10; seed++) {
            SimulationReport first = WORKER.run(seed);
            SimulationReport second = WORKER.run(seed);

            assertThat(second).isEqualTo(first);
            assertThat(first.trace()).hasSizeGreaterThan(20);
            assertThat(WORKER.run(seed + 1_000_000).trace()).isNotEqualTo(first.trace());
        }
    }

    /** Without this, a simulation in which nothing goes wrong would pass every host. */
    @Test
    void everything_that_can_go_wrong_does() {
        List<String> missing = new ArrayList<>(List.of(
                ".*is killed.*",
                ".*stands still.*",
                ".*answer lost.*",
                ".*append unreachable.*",
                ".*recovery of run.*",
                ".* refused: lease-.*"));

        for (long seed = 1; seed <= MOST_SEEDS && !missing.isEmpty(); seed++) {
            List<String> trace = WORKER.run(seed).trace();
            missing.removeIf(event -> trace.stream().anyMatch(words -> words.matches(event)));
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void a_failure_names_its_seed_and_what_happened() {
        assertThatThrownBy(() -> Simulation.of(new PlainHost(Defect.FORGETS_TO_HEARTBEAT))
                        .check(1, MOST_SEEDS))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s)seed \\d+: .*The last that happened:.*");
    }

    @Test
    void a_host_that_throws_is_told() {
        SimulationReport report = Simulation.of(machine -> {
                    throw new IllegalStateException("broken");
                })
                .run(1);

        assertThat(report.violations()).anyMatch(words -> words.contains("broken"));
    }

    @Test
    void no_seeds_are_refused() {
        assertThatThrownBy(() -> WORKER.check(1, 0)).isInstanceOf(InvalidInputException.class);
    }
}
