package io.agentrun.tck.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.AgentWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A worker and a fault of a known length, with a lease of two minutes; on every seed the order of things is another one. */
class WorkerOutageTest {

    private static final long SEEDS = 10;

    /** 40 lines in 80 seconds. */
    private static final Work LONG = new Work(40, Duration.ofSeconds(2));

    /** When agents wrote a line, and when one was interrupted; by machine, in seconds. */
    private final List<String> wrote = new ArrayList<>();

    private final List<String> interrupted = new ArrayList<>();

    private SimulationReport run(long seed, Work work, Consumer<Machine> fault) {
        wrote.clear();
        interrupted.clear();
        SimulationReport report =
                new World(this::start, seed, (world, random) -> new FixedPlan(world, work, fault)).run();
        assertThat(report.violations()).isEmpty();
        return report;
    }

    private void start(Machine machine) {
        AgentWorker worker = AgentWorker.builder(machine.store(), machine.runnerId())
                .lease(machine.lease())
                .stopGrace(Duration.ofSeconds(2))
                .scheduler(machine.scheduler())
                .executor(machine.executor())
                .agent(turn -> {
                    try {
                        machine.work(turn.run(), line -> {
                            wrote.add(machine.runnerId() + " " + machine.now() / 1_000_000_000);
                            turn.events().line(line);
                        });
                    } catch (InterruptedException e) {
                        interrupted.add(machine.runnerId() + " " + machine.now() / 1_000_000_000);
                    }
                    return TurnResult.of(Outcome.completed());
                })
                .start();
        assertThat(worker).isNotNull();
    }

    @Test
    void thirty_seconds_without_a_store_stop_no_agent_and_its_output_arrives_in_order_and_once() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimulationReport report = run(seed, LONG, machine -> machine.cutOff(Duration.ofSeconds(30)));

            assertThat(interrupted).isEmpty();
            assertThat(wrote).hasSize(40).allMatch(words -> words.startsWith("host-1 "));
            assertThat(wrote).anyMatch(words -> words.matches("host-1 3[0-9]"));
            assertThat(report.trace()).noneMatch(words -> words.contains("recovery"));
            assertThat(report.trace()).anyMatch(words -> words.contains("append unreachable"));
        }
    }

    @Test
    void an_outage_longer_than_the_lease_stops_the_agent_before_another_has_the_run() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimulationReport report =
                    run(seed, new Work(80, Duration.ofSeconds(2)), machine -> machine.cutOff(Duration.ofMinutes(5)));

            long stopped = Long.parseLong(interrupted.get(0).replace("host-1 ", ""));
            long recovered = report.trace().stream()
                    .filter(words -> words.contains("recovery of run"))
                    .mapToLong(words -> Long.parseLong(words.substring(0, words.indexOf('.'))))
                    .findFirst()
                    .orElseThrow();
            assertThat(interrupted).hasSize(1);
            assertThat(stopped).isLessThan(recovered);
            assertThat(wrote).anyMatch(words -> words.startsWith("host-2 "));
        }
    }

    @Test
    void a_machine_that_stands_still_for_longer_than_the_lease_and_goes_on_writes_nothing_more() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimulationReport report = run(seed, LONG, machine -> machine.pause(Duration.ofSeconds(200)));

            assertThat(report.trace()).anyMatch(words -> words.contains("recovery of run"));
            assertThat(wrote).anyMatch(words -> words.startsWith("host-2 "));
            assertThat(wrote.stream()
                            .filter(words -> words.startsWith("host-2 "))
                            .count())
                    .isEqualTo(40);
        }
    }

    @Test
    void a_task_whose_agent_prints_20_lines_over_a_second_takes_nine_writes_at_most() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimulationReport report = run(seed, new Work(20, Duration.ofMillis(50)), machine -> {});

            List<String> writes = report.trace().stream()
                    .filter(words -> words.matches("\\S+ host-1 (?!awaitAny).*"))
                    .filter(words -> !words.endsWith(" starts"))
                    .map(words -> words.replaceAll("^\\S+ host-1 ", ""))
                    .toList();
            assertThat(writes)
                    .startsWith("take", "acknowledgeAll")
                    .contains("append")
                    .endsWith("finishTurn");
            assertThat(writes).hasSizeLessThanOrEqualTo(9);
        }
    }
}
