package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.FailureKind;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskRetries;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tasks that have ended and are tried again.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RetrySuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final TurnResult BROKEN = TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"));

    /** For adapters. */
    protected RetrySuite() {}

    private QueueTask task(RetryPolicy policy) {
        return store().queue().create(given().newTask(QUEUE).retry(policy).build());
    }

    private Run failNext() {
        Dispatch dispatch = given().dispatched(QUEUE);
        RunLease lease = given().claimed(dispatch.run());
        return store().runs().finish(lease.fence(), BROKEN);
    }

    private QueueTask failed() {
        QueueTask task = task(RetryPolicy.none());
        failNext();
        return store().queue().get(task.id());
    }

    @Test
    @Proves({Rule.Q_15, Rule.Q_10})
    void a_failed_task_is_pending_again_and_its_attempts_go_on() {
        QueueTask failed = failed();
        advance(Duration.ofMinutes(1));

        QueueTask pending = store().queue().retry(TaskRetry.of(failed.id()));

        assertThat(pending.state()).isEqualTo(TaskState.PENDING);
        assertThat(pending.outcome()).isNull();
        assertThat(pending.version()).isGreaterThan(failed.version());
        assertThat(pending.updatedAt()).isAfter(failed.updatedAt());
        assertThat(pending.attempts()).isEqualTo(1);
        assertThat(pending.spent()).isZero();
        assertThat(pending.retries()).isEqualTo(new TaskRetries(1, pending.updatedAt(), List.of()));
        assertThat(pending.idempotency()).isEqualTo(failed.idempotency());
        assertThat(second().queue().get(failed.id())).isEqualTo(pending);
        Dispatch next = given().dispatched(QUEUE);
        assertThat(next.task().id()).isEqualTo(failed.id());
        assertThat(next.task().attempts()).isEqualTo(2);
        assertThat(next.task().spent()).isZero();
        assertThat(store().runs().listByTask(failed.id(), null, 10).items()).hasSize(2);
    }

    @Test
    @Proves({Rule.Q_15, Rule.Q_6})
    void it_has_all_attempts_of_its_policy_again() {
        QueueTask task = task(RetryPolicy.of(2, Duration.ZERO));
        failNext();
        failNext();
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.FAILED);

        store().queue().retry(TaskRetry.of(task.id()));

        failNext();
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.PENDING);
        failNext();
        QueueTask ended = store().queue().get(task.id());
        assertThat(ended.state()).isEqualTo(TaskState.FAILED);
        assertThat(ended.attempts()).isEqualTo(4);
        assertThat(ended.spent()).isEqualTo(2);
    }

    @Test
    @Proves(Rule.Q_15)
    void it_has_another_policy_and_waits_where_the_request_says_so() {
        QueueTask failed = failed();
        Instant later = failed.updatedAt().plus(Duration.ofHours(1));
        RetryPolicy three = RetryPolicy.of(3, Duration.ofMinutes(5));

        QueueTask pending = store().queue()
                .retry(TaskRetry.of(failed.id()).withPolicy(three).withNotBefore(later));

        assertThat(pending.retry()).isEqualTo(three);
        assertThat(pending.notBefore()).isEqualTo(later);
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        advance(Duration.ofHours(2));
        failNext();
        QueueTask waiting = store().queue().get(failed.id());
        assertThat(waiting.state()).isEqualTo(TaskState.PENDING);
        assertThat(waiting.spent()).isEqualTo(1);
        assertThat(waiting.notBefore()).isEqualTo(waiting.updatedAt().plus(three.delay()));
    }

    @Test
    @Proves(Rule.Q_15)
    void every_end_can_be_left() {
        QueueTask completed = task(RetryPolicy.none());
        given().completed(given().dispatched(QUEUE).run());
        QueueTask cancelled = task(RetryPolicy.none());
        store().queue().cancel(cancelled.id(), "no more", CancelMode.FORCE);

        QueueTask first = store().queue().retry(TaskRetry.of(completed.id()));
        QueueTask second = store().queue().retry(TaskRetry.of(cancelled.id()));

        assertThat(first.state()).isEqualTo(TaskState.PENDING);
        assertThat(second.state()).isEqualTo(TaskState.PENDING);
        assertThat(second.cancelRequest()).isNull();
        assertThat(second.latestAttempt()).isNull();
        assertThat(failNext().status().terminal()).isTrue();
    }

    @Test
    @Proves({Rule.Q_15, Rule.Q_14})
    void attempts_that_nobody_claimed_in_a_row_count_anew() {
        QueueTask task = task(RetryPolicy.none());
        for (int i = 0; i < 3; i++) {
            unclaimed();
        }
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.BLOCKED);

        QueueTask pending = store().queue().retry(TaskRetry.of(task.id()));

        assertThat(pending.latestAttempt()).isNotNull().satisfies(attempt -> {
            assertThat(attempt.unclaimed()).isEqualTo(3);
            assertThat(attempt.unclaimedInRow()).isZero();
        });
        unclaimed();
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.PENDING);
    }

    private void unclaimed() {
        Run run = given().dispatched(QUEUE).run();
        store().runs().finishUnclaimed(run.id(), Outcome.unclaimed("nobody came"));
    }

    @Test
    @Proves({Rule.Q_15, Rule.Q_7})
    void an_attempt_of_the_host_goes_on_too() {
        QueueTask task = task(RetryPolicy.none());
        store().queue().updateAttempt(AttemptReport.running(task.id(), 1, "one"));
        AttemptReport end = AttemptReport.ended(task.id(), 1, "one", BROKEN.outcome());
        store().queue().updateAttempt(end);
        QueueTask pending = store().queue().retry(TaskRetry.of(task.id()));

        assertThat(watch().task(task.id()).unchangedBy(() -> store().queue().updateAttempt(end)))
                .as("the report of before, repeated")
                .isEqualTo(pending);
        QueueTask running = store().queue().updateAttempt(AttemptReport.running(task.id(), 2, "two"));
        assertThat(running.state()).isEqualTo(TaskState.RUNNING);
        assertThat(running.spent()).isZero();
    }

    @Test
    @Proves({Rule.Q_15, Rule.I_1})
    void a_key_tries_it_again_once() {
        QueueTask failed = failed();
        TaskRetry request = TaskRetry.of(failed.id()).withIdempotencyKey("once");
        QueueTask pending = store().queue().retry(request);

        assertThat(watch().task(failed.id()).unchangedBy(() -> second().queue().retry(request)))
                .isEqualTo(pending);
        failNext();
        QueueTask ended = store().queue().get(failed.id());
        assertThat(watch().task(failed.id()).unchangedBy(() -> store().queue().retry(request)))
                .isEqualTo(ended);
        watch().task(failed.id())
                .refuses(
                        IdempotencyConflictException.class,
                        () -> store().queue().retry(request.withPolicy(RetryPolicy.of(5, Duration.ZERO))));
        QueueTask again = store().queue().retry(request.withIdempotencyKey("twice"));
        assertThat(again.state()).isEqualTo(TaskState.PENDING);
        assertThat(again.retries()).isNotNull().satisfies(retries -> {
            assertThat(retries.count()).isEqualTo(2);
            assertThat(retries.keys()).extracting(Idempotency::key).containsExactly("once", "twice");
        });
        assertThat(watch().task(failed.id()).unchangedBy(() -> store().queue().retry(request)))
                .as("the first key, after another one")
                .isEqualTo(again);
    }

    @Test
    @Proves({Rule.Q_15, Rule.G_3})
    void a_task_that_is_open_or_unknown_is_refused() {
        QueueTask pending = task(RetryPolicy.none());

        StateConflictException refusal = watch().task(pending.id())
                .refuses(StateConflictException.class, () -> store().queue().retry(TaskRetry.of(pending.id())));

        assertThat(refusal.state()).isEqualTo("pending");
        assertThat(refusal.retryable()).isTrue();
        given().dispatched(QUEUE);
        watch().task(pending.id())
                .refuses(StateConflictException.class, () -> store().queue().retry(TaskRetry.of(pending.id())));
        watch().refuses(NotFoundException.class, () -> store().queue().retry(TaskRetry.of("qt_unknown")));
    }

    @Test
    @Proves({Rule.Q_15, Rule.R_8})
    void a_task_whose_runs_were_deleted_is_tried_again() {
        QueueTask failed = failed();
        advance(Duration.ofDays(1));
        store().runs().purge(PurgeRequest.olderThan(Duration.ofHours(1)).withScope(given().scope()));

        store().queue().retry(TaskRetry.of(failed.id()));

        Dispatch next = given().dispatched(QUEUE);
        assertThat(next.task().attempts()).isEqualTo(2);
        assertThat(store().runs().listByTask(failed.id(), null, 10).items())
                .extracting(Run::id)
                .containsExactly(next.run().id());
    }

    @Test
    @Proves({Rule.Q_15, Rule.I_2})
    void callers_with_one_key_try_it_again_once() {
        QueueTask failed = failed();
        TaskRetry request = TaskRetry.of(failed.id()).withIdempotencyKey("once");

        List<Race.Finish<QueueTask>> finishes =
                Race.of(4, i -> () -> (i % 2 == 0 ? store() : second()).queue().retry(request));

        assertThat(finishes).allMatch(Race.Finish::succeeded);
        assertThat(store().queue().get(failed.id()).retries())
                .isNotNull()
                .satisfies(retries -> assertThat(retries.count()).isEqualTo(1));
    }

    @Test
    @Proves({Rule.Q_15, Rule.G_6})
    void what_has_failed_is_listed_until_it_is_tried_again() {
        QueueTask first = failed();
        QueueTask second = failed();
        task(RetryPolicy.none());
        QueueQuery failures = QueueQuery.in(given().scope()).withState(TaskState.FAILED);
        assertThat(store().queue().list(failures).items())
                .extracting(QueueTask::id)
                .containsExactly(first.id(), second.id());

        store().queue().retry(TaskRetry.of(first.id()));

        assertThat(second().queue().list(failures).items())
                .extracting(QueueTask::id)
                .containsExactly(second.id());
    }

    @Test
    @Proves({Rule.Q_15, Rule.Q_11})
    void tasks_that_begin_together_remember_that_they_were_retried() {
        List<QueueTask> failed = List.of(failed(), failed(), failed());
        List<QueueTask> pending = failed.stream()
                .map(task -> store().queue().retry(TaskRetry.of(task.id())))
                .toList();

        assertThat(store().queue()
                        .take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))
                                .withN(3)))
                .hasSize(3);

        for (QueueTask task : pending) {
            assertThat(second().queue().get(task.id()).retries()).isNotNull().isEqualTo(task.retries());
        }
    }
}
