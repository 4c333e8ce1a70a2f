package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Tasks and runs whose deadlines are over: what ends at once, what is asked first, and what of it is tried again.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class DeadlineSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final Duration TEN = Duration.ofMinutes(10);
    private static final TurnResult CANCELLED = TurnResult.of(Outcome.cancelled("as asked"));

    /** For adapters. */
    protected DeadlineSuite() {}

    private Instant now() {
        return given().session().createdAt();
    }

    private QueueTask task(Deadlines deadlines, UnaryOperator<RetryPolicy> policy) {
        return store().queue()
                .create(given().newTask(QUEUE)
                        .retry(policy.apply(RetryPolicy.of(3, Duration.ZERO)))
                        .deadlines(deadlines.withGrace(GRACE))
                        .build());
    }

    private QueueTask task(Deadlines deadlines) {
        return task(deadlines, policy -> policy);
    }

    private Run run(Deadlines deadlines) {
        return store().runs()
                .create(given().newRun().deadlines(deadlines.withGrace(GRACE)).build());
    }

    private QueueTask now(QueueTask task) {
        return second().queue().get(task.id());
    }

    private Run now(Run run) {
        return second().runs().get(run.id());
    }

    private static void assertOverdue(QueueTask task) {
        assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        assertThat(task.outcome())
                .isNotNull()
                .satisfies(outcome -> assertThat(outcome.failureKind()).isEqualTo(FailureKind.DEADLINE_EXCEEDED));
    }

    private static void assertOverdue(Run run) {
        assertThat(run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.outcome())
                .isNotNull()
                .satisfies(outcome -> assertThat(outcome.failureKind()).isEqualTo(FailureKind.DEADLINE_EXCEEDED));
    }

    @Test
    @Proves({Rule.Q_19, Rule.Q_10})
    void a_task_that_has_not_begun_in_time_is_cancelled() {
        QueueTask task = task(Deadlines.beginBy(now().plus(TEN)));
        QueueTask begun = task(Deadlines.beginBy(now().plus(TEN)));
        store().queue().updateAttempt(AttemptReport.running(begun.id(), 1, "host"));
        advance(TEN.minusSeconds(1));
        assertThat(store().upkeep().overdue()).isZero();
        assertThat(now(task)).isEqualTo(task);
        advance(Duration.ofSeconds(1));

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertOverdue(now(task));
        assertThat(now(task).version()).isGreaterThan(task.version());
        assertThat(now(begun).state()).isEqualTo(TaskState.RUNNING);
        assertThat(store().upkeep().overdue()).isZero();
    }

    @Test
    @Proves({Rule.Q_19, Rule.Q_2, Rule.X_1})
    void a_task_whose_time_is_over_is_not_dispatched_any_more() {
        QueueTask late = task(Deadlines.beginBy(now().plus(TEN)));
        QueueTask inSession = store().queue()
                .create(given().newTask(QUEUE)
                        .session(SessionRef.of(given().name("session")))
                        .deadlines(Deadlines.endBy(now().plus(TEN)))
                        .build());
        QueueTask other = given().task(QUEUE);
        advance(TEN);

        assertThat(store().inspect().task(late.id()).reason()).isInstanceOfSatisfying(Reason.Overdue.class, reason -> {
            assertThat(reason.since()).isEqualTo(late.createdAt().plus(TEN));
            assertThat(reason.next()).isEqualTo(NextStep.UPKEEP);
        });
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(other.id());
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        assertThat(store().queue().take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))))
                .extracting(taken -> taken.task().id())
                .containsExactly(other.id());
        assertThat(now(late)).isEqualTo(late);
        assertThat(now(inSession)).isEqualTo(inSession);
    }

    @Test
    @Proves({Rule.Q_19, Rule.Q_6})
    void a_task_that_waits_between_attempts_is_cancelled_at_its_end() {
        QueueTask task = task(Deadlines.endBy(now().plus(TEN)), policy -> RetryPolicy.of(3, Duration.ofHours(1)));
        RunLease lease = given().claimed(given().dispatched(QUEUE).run());
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke")));
        advance(TEN);

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertOverdue(now(task));
        assertThat(now(task).attempts()).isEqualTo(1);
    }

    @Test
    @Proves({Rule.Q_19, Rule.Q_8, Rule.R_6})
    void the_runner_of_a_task_is_asked_first_and_the_task_is_not_tried_again() {
        QueueTask task = task(Deadlines.endBy(now().plus(TEN)));
        Dispatch dispatch = given().dispatched(QUEUE);
        RunLease lease = store().leases().claim(dispatch.run().id(), Given.RUNNER, Duration.ofHours(1));
        given().acknowledged(lease.fence(), dispatch.turn());
        advance(TEN);

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertThat(now(task).state()).isEqualTo(TaskState.RUNNING);
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.CANCEL_REQUESTED);
        assertThat(store().upkeep().overdue()).as("within its grace").isZero();
        store().runs().finish(lease.fence(), CANCELLED);
        assertOverdue(now(task));
    }

    @Test
    @Proves({Rule.Q_19, Rule.R_5})
    void when_the_grace_is_over_the_task_is_ended_by_force() {
        QueueTask task = task(Deadlines.endBy(now().plus(TEN)));
        Run run = given().dispatched(QUEUE).run();
        RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Duration.ofHours(1));
        advance(TEN);
        store().upkeep();
        advance(GRACE.minusSeconds(1));
        assertThat(store().upkeep().overdue()).isZero();
        advance(Duration.ofSeconds(1));

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertOverdue(now(task));
        assertThat(now(run).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.LEASE_LOST);
    }

    @Test
    @Proves(Rule.Q_19)
    void a_running_task_ends_at_once_if_nobody_holds_its_run_or_the_host_runs_it() {
        QueueTask dispatched = task(Deadlines.endBy(now().plus(TEN)));
        Run run = given().dispatched(QUEUE).run();
        QueueTask reported = task(Deadlines.endBy(now().plus(TEN)));
        store().queue().updateAttempt(AttemptReport.running(reported.id(), 1, "host"));
        advance(TEN);

        assertThat(store().upkeep().overdue()).isEqualTo(2);

        assertOverdue(now(dispatched));
        assertOverdue(now(reported));
        assertThat(now(run).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(now(reported).latestAttempt())
                .isNotNull()
                .satisfies(attempt -> assertThat(attempt.outcome()).isNotNull());
    }

    @Test
    @Proves(Rule.Q_19)
    void a_task_that_completes_although_it_was_asked_is_completed() {
        QueueTask task = task(Deadlines.endBy(now().plus(TEN)));
        RunLease lease =
                store().leases().claim(given().dispatched(QUEUE).run().id(), Given.RUNNER, Duration.ofHours(1));
        advance(TEN);
        store().upkeep();

        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        assertThat(now(task).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    @Proves({Rule.R_11, Rule.R_10})
    void a_run_that_nobody_claims_in_time_fails() {
        Run run = run(Deadlines.beginBy(now().plus(TEN)));
        Run claimed = run(Deadlines.beginBy(now().plus(TEN)));
        RunLease lease = given().claimed(claimed);
        advance(TEN.minusSeconds(1));
        assertThat(store().upkeep().overdue()).isZero();
        advance(Duration.ofSeconds(1));

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertOverdue(now(run));
        assertThat(phases(run.id())).endsWith("terminal_status");
        assertThat(now(claimed).status()).isEqualTo(RunStatus.CLAIMED);
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        assertThat(now(claimed).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.R_11, Rule.R_6})
    void a_runner_whose_run_has_not_ended_in_time_is_asked_and_the_run_fails() {
        Run run = run(Deadlines.endBy(now().plus(TEN)).withBeginBy(now().plusSeconds(60)));
        RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Duration.ofHours(1));
        given().acknowledgedTurn(lease);
        advance(Duration.ofMinutes(2));
        assertThat(store().upkeep().overdue()).isZero();
        advance(Duration.ofMinutes(8));

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertThat(now(run).cancelRequest()).isNotNull();
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.CANCEL_REQUESTED);
        Run ended = store().runs().finish(lease.fence(), CANCELLED);
        assertOverdue(ended);
        assertThat(now(run)).isEqualTo(ended);
    }

    @Test
    @Proves({Rule.R_11, Rule.L_1})
    void when_the_grace_of_a_run_is_over_it_fails_and_its_runner_is_kept_out() {
        Run run = run(Deadlines.within(TEN));
        assertThat(run.deadlines()).isNotNull().satisfies(deadlines -> {
            assertThat(deadlines.endBy()).isEqualTo(run.createdAt().plus(TEN));
            assertThat(deadlines.within()).isNull();
        });
        RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Duration.ofHours(1));
        advance(TEN);
        assertThat(store().upkeep().overdue()).isEqualTo(1);
        assertThat(store().upkeep().overdue()).isZero();
        advance(GRACE);

        assertThat(second().upkeep().overdue()).isEqualTo(1);

        assertOverdue(now(run));
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.LEASE_LOST);
    }

    @Test
    @Proves(Rule.R_11)
    void who_asked_before_the_deadline_has_the_run_cancelled() {
        Run run = run(Deadlines.endBy(now().plus(TEN)));
        RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Duration.ofHours(1));
        store().runs().cancel(run.id(), "somebody asked", CancelMode.GRACEFUL);
        advance(TEN);
        assertThat(store().upkeep().overdue()).isZero();
        advance(GRACE);

        assertThat(store().upkeep().overdue()).isEqualTo(1);

        assertThat(now(run).outcome()).isEqualTo(Outcome.cancelled("somebody asked"));
        assertThat(lease.fence().runId()).isEqualTo(run.id());
    }

    @Test
    @Proves({Rule.R_11, Rule.Q_6})
    void an_attempt_that_takes_too_long_is_spent_and_the_task_is_tried_again() {
        QueueTask task = task(Deadlines.within(TEN), policy -> RetryPolicy.of(2, Duration.ZERO));
        for (int attempt = 1; attempt <= 2; attempt++) {
            Dispatch dispatch = given().dispatched(QUEUE);
            assertThat(dispatch.task().attempts()).isEqualTo(attempt);
            RunLease lease = store().leases().claim(dispatch.run().id(), Given.RUNNER, Duration.ofHours(1));
            advance(TEN);
            assertThat(store().upkeep().overdue()).isEqualTo(1);
            assertOverdue(store().runs().finish(lease.fence(), CANCELLED));
        }

        assertThat(now(task).state()).isEqualTo(TaskState.FAILED);
        assertThat(now(task).outcome()).isNotNull().satisfies(outcome -> {
            assertThat(outcome.status()).isEqualTo(TerminalStatus.FAILED);
            assertThat(outcome.failureKind()).isEqualTo(FailureKind.DEADLINE_EXCEEDED);
        });
    }

    @Test
    @Proves({Rule.Q_19, Rule.Q_15})
    void a_retry_has_the_deadlines_that_it_names_and_no_time_that_is_over() {
        Instant end = now().plus(TEN);
        QueueTask task = task(Deadlines.endBy(end).withWithin(TEN));
        advance(TEN);
        store().upkeep();

        QueueTask pending = store().queue().retry(TaskRetry.of(task.id()));

        assertThat(pending.deadlines()).isEqualTo(Deadlines.within(TEN).withGrace(GRACE));
        assertThat(store().upkeep().overdue()).isZero();
        store().queue().cancel(task.id(), "no more");
        Deadlines others = Deadlines.beginBy(end.plus(TEN));
        assertThat(store().queue()
                        .retry(TaskRetry.of(task.id()).withDeadlines(others))
                        .deadlines())
                .isEqualTo(others);
    }

    @Test
    @Proves({Rule.Q_19, Rule.R_11})
    void more_than_one_call_judges_all() {
        List<QueueTask> tasks = store().queue()
                .createAll(IntStream.range(0, 130)
                        .mapToObj(i -> given().newTask(QUEUE)
                                .deadlines(Deadlines.beginBy(now().plus(TEN)))
                                .build())
                        .toList());
        advance(TEN);

        int first = store().upkeep().overdue();
        int second = store().upkeep().overdue();

        assertThat(first).isBetween(1, 129);
        assertThat(first + second).isEqualTo(130);
        assertOverdue(now(tasks.get(0)));
        assertOverdue(now(tasks.get(129)));
    }

    @Test
    @Proves(Rule.G_1)
    void deadlines_that_make_no_sense_are_refused() {
        Instant now = now();

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Deadlines.endBy(now).withBeginBy(now.plusSeconds(1)));
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> Deadlines.within(Duration.ZERO));
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> Deadlines.within(Duration.ofDays(31)));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Deadlines.endBy(now).withGrace(Duration.ofDays(2)));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Deadlines.endBy(now).withEndBy(null));
    }
}
