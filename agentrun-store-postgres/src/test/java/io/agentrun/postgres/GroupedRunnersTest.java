package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.postgres.testing.GroupedStore;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Heartbeats, acknowledgements and claims of concurrent runners, combined in one statement: each gets its own answer. */
class GroupedRunnersTest {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final NewCommand TURN = NewCommand.turn(JsonObject.of("prompt", "go"));
    private static final int RUNNERS = 12;
    private static final int ROUNDS = 20;

    private GroupedStore group;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        group = new GroupedStore();
        store = group.store();
    }

    @AfterEach
    void close() {
        group.close();
    }

    @Test
    void each_heartbeat_gets_the_answer_for_its_own_lease() {
        List<Fence> fences = Stream.generate(group::newRun)
                .limit(RUNNERS)
                .map(run -> store.leases().claim(run.id(), "runner", LEASE).fence())
                .toList();
        store.leases().release(fences.get(0));
        store.runs().cancel(fences.get(1).runId(), "asked");
        store.runs().cancel(fences.get(2).runId(), "forced", CancelMode.FORCE);

        List<Race.Finish<List<LeaseSignal>>> finishes = Race.of(RUNNERS, i -> () -> {
            List<LeaseSignal> signals = new ArrayList<>();
            for (int n = 0; n < ROUNDS; n++) {
                Duration length = LEASE.plusMinutes(i);
                Heartbeat heartbeat = store.leases().heartbeat(fences.get(i), length);
                signals.add(heartbeat.signal());
            }
            return signals;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        for (int i = 0; i < RUNNERS; i++) {
            LeaseSignal expected = i == 0 || i == 2
                    ? LeaseSignal.LEASE_LOST
                    : i == 1 ? LeaseSignal.CANCEL_REQUESTED : LeaseSignal.CONTINUE;
            assertThat(finishes.get(i).value()).hasSize(ROUNDS).containsOnly(expected);
        }
        for (int i = 4; i < RUNNERS; i++) {
            assertThat(expiryOf(fences.get(i)))
                    .isAfter(expiryOf(fences.get(i - 1)).plusSeconds(30));
        }
    }

    private Instant expiryOf(Fence fence) {
        return store.runs().get(fence.runId()).lease().orElseThrow().expiresAt();
    }

    @Test
    void each_acknowledgement_gets_the_answer_for_its_own_command() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = Stream.generate(group::newRun).limit(RUNNERS).toList();
            List<Fence> fences = runs.stream()
                    .map(run -> store.leases().claim(run.id(), "runner", LEASE).fence())
                    .toList();
            List<Command> turns = runs.stream()
                    .map(run -> store.commands().create(run.id(), TURN))
                    .toList();
            store.leases().release(fences.get(0));

            List<Race.Finish<Command>> finishes = Race.of(
                    RUNNERS,
                    i -> () -> store.commands()
                            .acknowledge(fences.get(i), turns.get(i).id()));

            assertThat(Race.failures(finishes)).hasSize(1).allMatch(LeaseConflictException.class::isInstance);
            assertThat(store.runs().get(runs.get(0).id()).status()).isEqualTo(RunStatus.PENDING);
            for (int i = 1; i < RUNNERS; i++) {
                Command acknowledged = finishes.get(i).value();
                Run run = store.runs().get(runs.get(i).id());
                assertThat(acknowledged.id()).isEqualTo(turns.get(i).id());
                assertThat(acknowledged.state()).isEqualTo(CommandState.ACKNOWLEDGED);
                assertThat(store.commands().get(acknowledged.id())).isEqualTo(acknowledged);
                assertThat(run.status()).isEqualTo(RunStatus.RUNNING);
                assertThat(run.updatedAt()).isEqualTo(acknowledged.times().acknowledgedAt());
            }
        }
    }

    @Test
    void one_of_two_claimers_of_a_run_gets_it() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = Stream.generate(group::newRun).limit(RUNNERS / 2).toList();

            List<Race.Finish<RunLease>> finishes = Race.of(
                    RUNNERS, i -> () -> store.leases().claim(runs.get(i / 2).id(), "runner-" + i, LEASE));

            assertThat(Race.failures(finishes)).hasSize(RUNNERS / 2).allMatch(LeaseConflictException.class::isInstance);
            for (RunLease lease : Race.values(finishes)) {
                assertThat(store.runs().get(lease.run().id())).isEqualTo(lease.run());
                assertThat(store.events().list(lease.run().id(), 0, 10).items()).hasSize(2);
            }
            assertThat(Race.values(finishes))
                    .extracting(lease -> lease.run().id())
                    .containsExactlyInAnyOrderElementsOf(
                            runs.stream().map(Run::id).toList());
        }
    }
}
