package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.SessionActivity;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The end of a turn that may be the end of its run.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TurnEndSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed()).withThread("thread", "turn");
    private static final TurnResult FAILED = TurnResult.of(Outcome.failed(FailureKind.RUNNER_LOST, "broken"));

    /** For adapters. */
    protected TurnEndSuite() {}

    private FinishedTurn finish(RunLease lease, Command turn, TurnResult result) {
        return store().runs().finishTurn(lease.fence(), turn.id(), result);
    }

    @Test
    @Proves({Rule.R_9, Rule.R_7, Rule.Q_5, Rule.S_5})
    void the_last_turn_of_a_run_ends_it_with_its_task_and_its_session() {
        store().queue()
                .create(given().newTask("queue")
                        .session(SessionRef.of(given().name("session")))
                        .build());
        Taken taken = store().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue("queue")))
                .get(0);
        Command turn = given().acknowledged(taken.lease().fence(), taken.turns().get(0));

        FinishedTurn finished = finish(taken.lease(), turn, DONE);

        assertThat(finished.next()).isNull();
        assertThat(finished.turn().state()).isEqualTo(CommandState.COMPLETED);
        assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(store().runs().get(finished.run().id())).isEqualTo(finished.run());
        assertThat(store().commands().get(turn.id())).isEqualTo(finished.turn());
        assertThat(store().queue().get(taken.task().id()).state()).isEqualTo(TaskState.COMPLETED);
        assertThat(sessionOf(finished.run()).activity().state()).isEqualTo(ExecutionState.TERMINAL);
        assertThat(sessionOf(finished.run()).thread().threadId()).isEqualTo("thread");
        assertThat(phases(finished.run().id())).endsWith("session-updated", "command-terminal", "terminal_status");
    }

    @Test
    @Proves({Rule.R_9, Rule.C_8})
    void with_another_turn_the_run_goes_on_with_it() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command next = given().turn(lease.run());
        given().turn(lease.run());

        FinishedTurn finished = finish(lease, turn, FAILED);

        assertThat(finished.turn().state()).isEqualTo(CommandState.FAILED);
        assertThat(finished.run().status()).isEqualTo(RunStatus.RUNNING);
        Command given = Objects.requireNonNull(finished.next());
        assertThat(given.id()).isEqualTo(next.id());
        assertThat(given.order().deliverable()).isTrue();
        assertThat(store().commands().get(next.id())).isEqualTo(given);
        SessionActivity activity = sessionOf(lease.run()).activity();
        assertThat(activity.activeCommandId()).isEqualTo(next.id());
        assertThat(activity.state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(phases(lease.run().id())).endsWith("command-terminal");
    }

    @Test
    @Proves(Rule.R_9)
    void the_last_turn_of_a_run_without_a_session_ends_the_run() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command next = given().turn(lease.run());

        FinishedTurn finished = finish(lease, turn, DONE);

        assertThat(Objects.requireNonNull(finished.next()).id()).isEqualTo(next.id());
        assertThat(finished.next().order().deliverable()).isTrue();
        given().acknowledged(lease.fence(), next);
        assertThat(finish(lease, next, DONE).run().status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.R_9, Rule.C_8, Rule.S_4})
    void a_turn_of_another_run_that_stands_before_it_goes_first() {
        String session = given().name("session");
        RunLease lease = given().claimed(given().runIn(session));
        Command turn = given().acknowledgedTurn(lease);
        Command elsewhere = given().turn(given().runIn(session));
        Command next = given().turn(lease.run());

        FinishedTurn finished = finish(lease, turn, DONE);

        assertThat(finished.run().status()).isEqualTo(RunStatus.RUNNING);
        Command waiting = Objects.requireNonNull(finished.next());
        assertThat(waiting.id()).isEqualTo(next.id());
        assertThat(waiting.order().deliverable()).isFalse();
        assertThat(store().commands().get(elsewhere.id()).order().deliverable()).isTrue();
        assertThat(store().sessions().get(session).activity().activeCommandId()).isEqualTo(elsewhere.id());
    }

    @Test
    @Proves({Rule.R_9, Rule.R_6})
    void a_run_that_was_asked_to_cancel_ends_with_its_turn_whatever_else_is_open() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command other = given().turn(lease.run());
        store().runs().cancel(lease.run().id(), "asked");

        FinishedTurn finished = finish(lease, turn, TurnResult.of(Outcome.cancelled("asked")));

        assertThat(finished.next()).isNull();
        assertThat(finished.run().status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(store().commands().get(other.id()).state()).isEqualTo(CommandState.CANCELLED);
    }

    @Test
    @Proves({Rule.R_9, Rule.C_7, Rule.R_3})
    void a_second_call_returns_what_is_stored_and_changes_nothing() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command next = given().turn(lease.run());
        FinishedTurn first = finish(lease, turn, DONE);
        Watch watch = watch().run(lease.run());

        assertThat(watch.unchangedBy(() -> finish(lease, turn, FAILED))).isEqualTo(first);

        given().acknowledged(lease.fence(), next);
        FinishedTurn last = finish(lease, next, DONE);
        Watch ended = watch().run(lease.run());
        assertThat(ended.unchangedBy(() -> finish(lease, next, FAILED))).isEqualTo(last);
    }

    @Test
    @Proves({Rule.R_9, Rule.C_9})
    void a_turn_that_the_host_has_cancelled_ends_its_run_all_the_same() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command cancelled = store().commands().cancel(turn.id(), "no more");

        FinishedTurn finished = finish(lease, turn, FAILED);

        assertThat(finished.turn()).isEqualTo(cancelled);
        assertThat(finished.run().status()).isEqualTo(RunStatus.FAILED);
        assertThat(finished.next()).isNull();
    }

    @Test
    @Proves({Rule.R_9, Rule.G_2, Rule.G_3, Rule.L_1})
    void what_is_no_acknowledged_turn_of_the_holder_is_refused() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        Command steer = given().steer(lease.run());
        Command foreign = given().turn(given().run());
        Watch watch = watch().run(lease.run());

        watch.unchangedBy(() ->
                assertThatExceptionOfType(StateConflictException.class).isThrownBy(() -> finish(lease, turn, DONE)));
        watch.unchangedBy(() ->
                assertThatExceptionOfType(StateConflictException.class).isThrownBy(() -> finish(lease, steer, DONE)));
        watch.unchangedBy(() ->
                assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> finish(lease, foreign, DONE)));
        Fence stale = lease.fence();
        store().leases().release(stale);
        Watch after = watch().run(lease.run());
        after.unchangedBy(() -> assertThatExceptionOfType(LeaseConflictException.class)
                .isThrownBy(() -> store().runs().finishTurn(stale, turn.id(), DONE)));
    }

    @Test
    @Proves(Rule.R_9)
    void a_turn_that_comes_at_the_same_moment_is_worked_on_or_refused_but_never_lost() {
        for (int round = 0; round < 20; round++) {
            Run run = given().runIn(given().name("session"));
            RunLease lease = given().claimed(run);
            Command turn = given().acknowledgedTurn(lease);

            List<Race.Finish<Object>> finishes = Race.of(
                    2,
                    i -> () -> i == 0
                            ? finish(lease, turn, DONE)
                            : second().commands().create(run.id(), given().newTurn("one more")));

            FinishedTurn finished = (FinishedTurn) Race.values(finishes).get(0);
            if (finishes.get(1).succeeded()) {
                Command more = (Command) Objects.requireNonNull(finishes.get(1).value());
                assertThat(Objects.requireNonNull(finished.next()).id()).isEqualTo(more.id());
            } else {
                assertThat(finishes.get(1).failure()).isInstanceOf(AlreadyTerminalException.class);
                assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
            }
        }
    }
}
