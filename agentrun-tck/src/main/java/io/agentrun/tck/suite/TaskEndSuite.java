package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.error.FailureKind;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * How a dispatched task ends with its run, is tried again, or is cancelled.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TaskEndSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration DELAY = Duration.ofMinutes(10);
    private static final Outcome BROKEN = Outcome.failed(FailureKind.BACKEND_FAILED, "it broke");

    /** For adapters. */
    protected TaskEndSuite() {}

    @Test
    @Proves({Rule.Q_5, Rule.R_7, Rule.Q_10})
    void a_task_ends_as_its_run_does() {
        List<Outcome> outcomes = List.of(
                Outcome.completed(),
                BROKEN,
                Outcome.blocked(FailureKind.TENANT_POLICY_DENIED, "it asks"),
                Outcome.cancelled("its runner said so"));
        for (Outcome outcome : outcomes) {
            Dispatch dispatch = dispatch(RetryPolicy.none());

            store().runs().finish(claimed(dispatch), TurnResult.of(outcome));

            QueueTask task = task(dispatch);
            assertThat(task.state()).isEqualTo(TaskState.of(outcome.status()));
            assertThat(task.outcome()).isEqualTo(outcome);
            assertThat(task.version()).isGreaterThan(dispatch.task().version());
            TaskAttempt attempt = attempt(task);
            assertThat(attempt.number()).isEqualTo(1);
            assertThat(attempt.runId()).isEqualTo(dispatch.run().id());
            assertThat(attempt.outcome()).isEqualTo(outcome);
            assertThat(attempt.endedAt()).isNotNull();
        }
    }

    @Test
    @Proves(Rule.Q_6)
    void what_is_completed_blocked_or_cancelled_is_not_tried_again() {
        for (Outcome outcome : List.of(
                Outcome.completed(), Outcome.blocked(FailureKind.BACKEND_FAILED, "b"), Outcome.cancelled("c"))) {
            Dispatch dispatch = dispatch(RetryPolicy.of(5, Duration.ZERO));

            store().runs().finish(claimed(dispatch), TurnResult.of(outcome));

            assertThat(task(dispatch).state()).isEqualTo(TaskState.of(outcome.status()));
        }
        assertNothingDue();
    }

    @Test
    @Proves({Rule.Q_6, Rule.Q_3})
    void a_failed_attempt_is_tried_again_after_the_delay_with_a_new_run_and_turn() {
        Dispatch first = dispatch(RetryPolicy.of(2, DELAY));
        store().runs().finish(claimed(first), TurnResult.of(BROKEN));

        QueueTask waiting = task(first);
        assertThat(waiting.state()).isEqualTo(TaskState.PENDING);
        assertThat(waiting.outcome()).isNull();
        assertThat(waiting.notBefore()).isAfter(waiting.createdAt());
        assertThat(attempt(waiting).outcome()).isEqualTo(BROKEN);
        assertNothingDue();
        assertThat(second().queue().stats(QueueScope.inQueue(QUEUE)).due()).isZero();
        advance(DELAY);
        assertThat(second().queue().stats(QueueScope.inQueue(QUEUE)).due()).isEqualTo(1);
        Dispatch again = given().dispatched(QUEUE);

        assertThat(again.task().id()).isEqualTo(first.task().id());
        assertThat(again.run().id()).isNotEqualTo(first.run().id());
        assertThat(again.turn().id()).isNotEqualTo(first.turn().id());
        assertThat(attempt(again.task()).number()).isEqualTo(2);
        assertThat(attempt(again.task()).runId()).isEqualTo(again.run().id());
        assertThat(attempt(again.task()).outcome()).isNull();
    }

    @Test
    @Proves(Rule.Q_6)
    void the_last_attempt_s_failure_is_the_task_s() {
        Dispatch dispatch = dispatch(RetryPolicy.of(3, Duration.ZERO));
        for (int number = 1; number < 3; number++) {
            store().runs().finish(claimed(dispatch), TurnResult.of(BROKEN));
            assertThat(task(dispatch).state()).isEqualTo(TaskState.PENDING);
            dispatch = given().dispatched(QUEUE);
        }
        store().runs().finish(claimed(dispatch), TurnResult.of(BROKEN));

        assertThat(task(dispatch).state()).isEqualTo(TaskState.FAILED);
        assertThat(task(dispatch).outcome()).isEqualTo(BROKEN);
        assertThat(task(dispatch).attempts()).isEqualTo(3);
        assertNothingDue();
    }

    @Test
    @Proves({Rule.Q_5, Rule.Q_6, Rule.R_4})
    void a_run_that_could_not_be_started_moves_its_task_too() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));

        store().runs().finishUnclaimed(dispatch.run().id(), Outcome.failed(FailureKind.INFRA_FAILED, "no node"));

        assertThat(task(dispatch).state()).isEqualTo(TaskState.PENDING);
        assertThat(given().dispatched(QUEUE).task().attempts()).isEqualTo(2);
    }

    @Test
    @Proves(Rule.Q_5)
    void the_end_of_a_turn_leaves_the_task_running() {
        Dispatch dispatch = dispatch(RetryPolicy.none());
        Fence fence = claimed(dispatch);
        Command turn = given().acknowledged(fence, dispatch.turn());

        store().commands().finish(fence, turn.id(), TurnResult.of(Outcome.completed()));

        assertThat(task(dispatch)).isEqualTo(dispatch.task());
    }

    @Test
    @Proves({Rule.Q_5, Rule.L_5})
    void a_release_keeps_the_task_on_its_attempt() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));

        store().leases().release(claimed(dispatch));

        assertThat(task(dispatch)).isEqualTo(dispatch.task());
        assertNothingDue();
    }

    @Test
    @Proves({Rule.Q_5, Rule.Q_6, Rule.L_8})
    void a_lost_runner_s_task_is_tried_again() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));
        Fence fence = claimed(dispatch);
        given().acknowledged(fence, dispatch.turn());
        advance(Given.PAST_LEASE);

        Recovery recovery = store().leases().recover(fence.runId(), fence.epoch());

        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.FAILED);
        assertThat(task(dispatch).state()).isEqualTo(TaskState.PENDING);
        Outcome outcome = Objects.requireNonNull(attempt(task(dispatch)).outcome());
        assertThat(outcome.failureKind()).isEqualTo(FailureKind.RUNNER_LOST);
    }

    @Test
    @Proves(Rule.Q_8)
    void a_pending_task_is_cancelled_at_once() {
        for (CancelMode mode : CancelMode.values()) {
            QueueTask task = given().task(QUEUE);

            QueueTask cancelled = store().queue().cancel(task.id(), "no more", mode);

            assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(cancelled.outcome()).isEqualTo(Outcome.cancelled("no more"));
            assertThat(cancelled.version()).isGreaterThan(task.version());
            assertThat(store().queue().get(task.id())).isEqualTo(cancelled);
        }
        assertNothingDue();
    }

    @Test
    @Proves({Rule.Q_8, Rule.R_5})
    void cancelling_a_task_whose_run_nobody_holds_ends_both_at_once() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));

        QueueTask cancelled = store().queue().cancel(dispatch.task().id(), "no more");

        assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
        assertThat(attempt(cancelled).outcome()).isEqualTo(Outcome.cancelled("no more"));
        assertThat(run(dispatch).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(store().commands().get(dispatch.turn().id()).state().terminal())
                .isTrue();
    }

    @Test
    @Proves({Rule.Q_8, Rule.R_6})
    void a_graceful_cancel_asks_the_runner_and_the_task_ends_with_its_run() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));
        Fence fence = claimed(dispatch);

        QueueTask asked = store().queue().cancel(dispatch.task().id(), "no more");
        QueueTask askedAgain = store().queue().cancel(dispatch.task().id(), "really");

        assertThat(asked.state()).isEqualTo(TaskState.RUNNING);
        assertThat(Objects.requireNonNull(asked.cancelRequest()).reason()).isEqualTo("no more");
        assertThat(asked.version()).isGreaterThan(dispatch.task().version());
        assertThat(askedAgain).isEqualTo(asked);
        assertThat(Objects.requireNonNull(run(dispatch).cancelRequest()).reason())
                .isEqualTo("no more");

        store().runs().finish(fence, TurnResult.of(Outcome.cancelled("as asked")));
        assertThat(task(dispatch).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(task(dispatch).outcome()).isEqualTo(Outcome.cancelled("as asked"));
    }

    @Test
    @Proves(Rule.Q_8)
    void a_run_that_completes_after_the_request_completes_its_task() {
        Dispatch dispatch = dispatch(RetryPolicy.none());
        Fence fence = claimed(dispatch);
        store().queue().cancel(dispatch.task().id(), "no more");

        store().runs().finish(fence, TurnResult.of(Outcome.completed()));

        assertThat(task(dispatch).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    @Proves({Rule.Q_8, Rule.Q_6})
    void a_task_asked_to_cancel_is_not_tried_again() {
        Dispatch failed = dispatch(RetryPolicy.of(5, Duration.ZERO));
        Fence fence = claimed(failed);
        store().queue().cancel(failed.task().id(), "no more");
        store().runs().finish(fence, TurnResult.of(BROKEN));
        Dispatch lost = dispatch(RetryPolicy.of(5, Duration.ZERO));
        Fence lostFence = claimed(lost);
        store().queue().cancel(lost.task().id(), "no more");
        advance(Given.PAST_LEASE);
        store().leases().recover(lostFence.runId(), lostFence.epoch());

        assertThat(task(failed).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(task(lost).state()).isEqualTo(TaskState.CANCELLED);
        assertNothingDue();
    }

    @Test
    @Proves({Rule.Q_8, Rule.R_5, Rule.L_1})
    void a_forced_cancel_ends_run_and_task_at_once() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));
        Fence fence = claimed(dispatch);

        QueueTask cancelled = store().queue().cancel(dispatch.task().id(), "now", CancelMode.FORCE);

        assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
        assertThat(run(dispatch).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(run(dispatch).epoch()).isGreaterThan(fence.epoch());
        assertThat(lastEvent(fence.runId()).type().wire()).isEqualTo("terminal_status");
    }

    @Test
    @Proves(Rule.Q_8)
    void a_forced_cancel_after_a_request_ends_what_was_asked() {
        Dispatch dispatch = dispatch(RetryPolicy.none());
        claimed(dispatch);
        store().queue().cancel(dispatch.task().id(), "please");

        QueueTask cancelled = store().queue().cancel(dispatch.task().id(), "now", CancelMode.FORCE);

        assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
        assertThat(Objects.requireNonNull(cancelled.cancelRequest()).reason()).isEqualTo("please");
        assertThat(run(dispatch).status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    @Proves({Rule.Q_8, Rule.Q_5})
    void cancelling_the_run_of_a_task_cancels_the_task() {
        Dispatch dispatch = dispatch(RetryPolicy.of(2, Duration.ZERO));

        store().runs().cancel(dispatch.run().id(), "no more");

        assertThat(task(dispatch).state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    @Proves({Rule.Q_8, Rule.G_3})
    void cancelling_an_ended_task_returns_it_as_it_is() {
        Dispatch dispatch = dispatch(RetryPolicy.none());
        store().runs().finish(claimed(dispatch), TurnResult.of(Outcome.completed()));
        QueueTask ended = task(dispatch);

        for (CancelMode mode : CancelMode.values()) {
            QueueTask answered = watch().run(dispatch.run())
                    .unchangedBy(() -> store().queue().cancel(ended.id(), "too late", mode));
            assertThat(answered).isEqualTo(ended);
        }
    }

    @Test
    @Proves({Rule.Q_8, Rule.G_2})
    void cancelling_an_unknown_task_is_not_found() {
        watch().refuses(NotFoundException.class, () -> store().queue().cancel("qt_unknown", "no"));
    }

    @Test
    @Proves({Rule.Q_5, Rule.Q_8})
    void of_an_end_and_a_forced_cancel_at_the_same_moment_both_records_tell_the_same() {
        for (int round = 0; round < 15; round++) {
            Dispatch dispatch = dispatch(RetryPolicy.none());
            Fence fence = claimed(dispatch);

            Race.of(
                    2,
                    i -> () -> i == 0
                            ? store().runs().finish(fence, TurnResult.of(Outcome.completed()))
                            : second().queue().cancel(dispatch.task().id(), "now", CancelMode.FORCE));

            assertThat(task(dispatch).outcome())
                    .isEqualTo(run(dispatch).outcome())
                    .isNotNull();
        }
    }

    private Dispatch dispatch(RetryPolicy retry) {
        store().queue().create(given().newTask(QUEUE).retry(retry).build());
        return given().dispatched(QUEUE);
    }

    private Fence claimed(Dispatch dispatch) {
        return given().claimed(dispatch.run()).fence();
    }

    private void assertNothingDue() {
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
    }

    private QueueTask task(Dispatch dispatch) {
        return store().queue().get(dispatch.task().id());
    }

    private Run run(Dispatch dispatch) {
        return store().runs().get(dispatch.run().id());
    }

    private static TaskAttempt attempt(QueueTask task) {
        return Objects.requireNonNull(task.latestAttempt());
    }
}
