package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.GroupedStore;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.tck.Race;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Turns and runs that end at the same moment share transactions: each runner gets its own answer, and each record its own end. */
class GroupedEndsTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final int RUNNERS = 12;
    private static final int ROUNDS = 10;
    private static final TakeRequest TAKE =
            TakeRequest.by("runner", DispatchRequest.fromQueue("q")).withN(RUNNERS);

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

    /** Every second task in a session of its own. */
    private List<Taken> taken(int round) {
        for (int i = 0; i < RUNNERS; i++) {
            store.queue()
                    .create(NewQueueTask.builder(OWNER, "q", "T", RunSpec.of(BackendProfile.CODEX))
                            .session(i % 2 == 0 ? null : SessionRef.of("session-" + round + "-" + i))
                            .build());
        }
        List<Taken> taken = store.queue().take(TAKE);
        assertThat(taken).hasSize(RUNNERS);
        taken.forEach(
                each -> store.commands().acknowledge(fence(each), turn(each).id()));
        return taken;
    }

    private static Fence fence(Taken taken) {
        return taken.lease().fence();
    }

    private static Command turn(Taken taken) {
        return taken.turns().get(0);
    }

    private static TurnResult result(int i) {
        return TurnResult.of(
                i % 3 == 0 ? Outcome.failed(FailureKind.of("kind-" + i), "failed " + i) : Outcome.completed());
    }

    private List<Race.Finish<FinishedTurn>> endAll(List<Taken> taken) {
        List<Race.Finish<FinishedTurn>> finishes = Race.of(
                RUNNERS,
                i -> () -> store.runs()
                        .finishTurn(fence(taken.get(i)), turn(taken.get(i)).id(), result(i)));
        assertThat(Race.failures(finishes)).isEmpty();
        return finishes;
    }

    @Test
    void each_turn_ends_as_its_own_runner_says() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Taken> taken = taken(round);

            List<Race.Finish<FinishedTurn>> finishes = endAll(taken);

            for (int i = 0; i < RUNNERS; i++) {
                FinishedTurn finished = finishes.get(i).value();
                Outcome expected = result(i).outcome();
                QueueTask task = store.queue().get(taken.get(i).task().id());
                assertThat(finished.run())
                        .isEqualTo(store.runs().get(fence(taken.get(i)).runId()));
                assertThat(finished.turn())
                        .isEqualTo(store.commands().get(turn(taken.get(i)).id()));
                assertThat(finished.run().outcome()).isEqualTo(expected);
                assertThat(task.outcome()).isEqualTo(expected);
                String session = finished.run().sessionId();
                if (session != null) {
                    assertThat(store.sessions()
                                    .find(session)
                                    .orElseThrow()
                                    .activity()
                                    .outcome())
                            .isEqualTo(expected);
                }
            }
        }
    }

    /** A row tells which transaction has written it. */
    @Test
    void ends_of_tasks_and_of_sessions_share_transactions() {
        for (int round = 0; round < ROUNDS; round++) {
            endAll(taken(round));
        }

        assertThat(writers("agentrun_queue_tasks")).isLessThan(ROUNDS * RUNNERS);
        assertThat(writers("agentrun_sessions WHERE session_id ~ '^session-'")).isLessThan(ROUNDS * RUNNERS / 2);
    }

    private int writers(String rows) {
        return Integer.parseInt(group.database()
                .queryIn(TestDatabase.SCHEMA, "SELECT count(DISTINCT feed_xid) FROM " + rows)
                .get(0));
    }

    @Test
    void one_that_is_refused_is_told_so_and_the_others_end() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Taken> taken = taken(round);
            store.leases().release(fence(taken.get(0)));

            List<Race.Finish<FinishedTurn>> finishes = Race.of(
                    RUNNERS,
                    i -> () -> store.runs()
                            .finishTurn(
                                    fence(taken.get(i)),
                                    i == 1 ? "cmd_unknown" : turn(taken.get(i)).id(),
                                    result(1)));

            assertThat(Race.failures(finishes))
                    .hasSize(2)
                    .hasAtLeastOneElementOfType(LeaseConflictException.class)
                    .hasAtLeastOneElementOfType(NotFoundException.class);
            assertThat(store.runs().get(fence(taken.get(0)).runId()).status()).isEqualTo(RunStatus.PENDING);
            assertThat(store.runs().get(fence(taken.get(1)).runId()).status()).isEqualTo(RunStatus.RUNNING);
            for (int i = 2; i < RUNNERS; i++) {
                assertThat(store.queue().get(taken.get(i).task().id()).state()).isEqualTo(TaskState.COMPLETED);
            }
            store.runs().finishTurn(fence(taken.get(1)), turn(taken.get(1)).id(), result(1));
            List<Taken> again = store.queue().take(TAKE);
            assertThat(again).hasSize(1);
            store.commands().acknowledge(fence(again.get(0)), turn(again.get(0)).id());
            store.runs().finishTurn(fence(again.get(0)), turn(again.get(0)).id(), result(1));
        }
    }

    @Test
    void runs_end_as_their_runners_hosts_and_people_say() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Taken> taken = taken(round);
            List<Run> unclaimed =
                    IntStream.range(0, RUNNERS).mapToObj(i -> group.newRun()).toList();

            List<Race.Finish<Run>> finishes = Race.of(RUNNERS, i -> () -> switch (i % 4) {
                case 0 -> store.runs().finish(fence(taken.get(i)), result(i));
                case 1 -> store.runs().finishUnclaimed(unclaimed.get(i).id(), Outcome.cancelled("late " + i));
                case 2 -> store.runs().cancel(fence(taken.get(i)).runId(), "enough " + i, CancelMode.FORCE);
                default ->
                    store.runs()
                            .finishTurn(fence(taken.get(i)), turn(taken.get(i)).id(), result(i))
                            .run();
            });

            assertThat(Race.failures(finishes)).isEmpty();
            for (int i = 0; i < RUNNERS; i++) {
                Run run = finishes.get(i).value();
                assertThat(run).isEqualTo(store.runs().get(run.id()));
                assertThat(run.id())
                        .isEqualTo(
                                i % 4 == 1
                                        ? unclaimed.get(i).id()
                                        : fence(taken.get(i)).runId());
                assertThat(run.outcome())
                        .isEqualTo(
                                switch (i % 4) {
                                    case 1 -> Outcome.cancelled("late " + i);
                                    case 2 -> Outcome.cancelled("enough " + i);
                                    default -> result(i).outcome();
                                });
            }
            for (int i = 1; i < RUNNERS; i += 4) {
                store.runs().finish(fence(taken.get(i)), result(1));
            }
        }
    }

    @Test
    void a_run_whose_next_turn_waits_goes_on() {
        List<Taken> taken = taken(0);
        List<Command> next = taken.stream()
                .map(each ->
                        store.commands().create(fence(each).runId(), NewCommand.turn(JsonObject.of("prompt", "on"))))
                .toList();

        List<Race.Finish<FinishedTurn>> finishes = Race.of(
                RUNNERS,
                i -> () -> store.runs()
                        .finishTurn(fence(taken.get(i)), turn(taken.get(i)).id(), result(1)));

        assertThat(Race.failures(finishes)).isEmpty();
        IntStream.range(0, RUNNERS).forEach(i -> {
            FinishedTurn finished = finishes.get(i).value();
            assertThat(finished.run().status()).isEqualTo(RunStatus.RUNNING);
            assertThat(finished.turn().state()).isEqualTo(CommandState.COMPLETED);
            assertThat(finished.next())
                    .isEqualTo(store.commands().get(next.get(i).id()));
            String session = finished.run().sessionId();
            if (session != null) {
                assertThat(store.sessions()
                                .find(session)
                                .orElseThrow()
                                .activity()
                                .state())
                        .isEqualTo(ExecutionState.RUNNING);
            }
        });
    }
}
