package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The reports of hosts that run tasks by themselves.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class AttemptSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final String TOKEN = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345";
    private static final Outcome BROKEN = Outcome.failed(FailureKind.BACKEND_FAILED, "it broke");

    /** For adapters. */
    protected AttemptSuite() {}

    @Test
    @Proves({Rule.Q_7, Rule.Q_10})
    void a_host_begins_the_next_attempt_of_a_pending_task() {
        QueueTask task = given().task(QUEUE);

        QueueTask running = store().queue()
                .updateAttempt(running(task, 1, "a-1")
                        .withDetails(JsonObject.of("pid", 7))
                        .withSessionPath("/tmp/one"));

        assertThat(running.state()).isEqualTo(TaskState.RUNNING);
        assertThat(running.version()).isGreaterThan(task.version());
        assertThat(running.content().sessionPath()).isEqualTo("/tmp/one");
        TaskAttempt attempt = attempt(running);
        assertThat(attempt.number()).isEqualTo(1);
        assertThat(attempt.attemptId()).isEqualTo("a-1");
        assertThat(attempt.details()).isEqualTo(JsonObject.of("pid", 7));
        assertThat(attempt.runId()).isNull();
        assertThat(attempt.outcome()).isNull();
        assertThat(second().queue().get(task.id())).isEqualTo(running);
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
    }

    @Test
    @Proves(Rule.Q_7)
    void a_host_may_begin_what_is_not_due_yet() {
        QueueTask now = given().task(QUEUE);
        QueueTask later = store().queue()
                .create(given().newTask(QUEUE)
                        .notBefore(now.createdAt().plus(Duration.ofDays(1)))
                        .build());

        assertThat(store().queue().updateAttempt(running(later, 1, "a-1")).state())
                .isEqualTo(TaskState.RUNNING);
    }

    @Test
    @Proves(Rule.Q_7)
    void a_report_of_the_running_attempt_replaces_its_details() {
        QueueTask task = given().task(QUEUE);
        QueueTask first = store().queue()
                .updateAttempt(running(task, 1, "a-1")
                        .withDetails(JsonObject.of("percent", 10))
                        .withSessionPath("/tmp/one"));

        QueueTask then =
                store().queue().updateAttempt(running(task, 1, "a-1").withDetails(JsonObject.of("percent", 20)));

        assertThat(attempt(then).details()).isEqualTo(JsonObject.of("percent", 20));
        assertThat(attempt(then).startedAt()).isEqualTo(attempt(first).startedAt());
        assertThat(then.content().sessionPath()).isEqualTo("/tmp/one");
        assertThat(then.version()).isGreaterThan(first.version());
    }

    @Test
    @Proves({Rule.Q_7, Rule.Q_5})
    void a_host_s_report_ends_the_task_as_a_run_would() {
        for (Outcome outcome : List.of(
                Outcome.completed(),
                BROKEN,
                Outcome.blocked(FailureKind.BACKEND_FAILED, "it asks"),
                Outcome.cancelled("called off"))) {
            QueueTask task = given().task(QUEUE);
            store().queue().updateAttempt(running(task, 1, "a-1").withSessionPath("/tmp/one"));

            QueueTask ended = store().queue()
                    .updateAttempt(
                            AttemptReport.ended(task.id(), 1, "a-1", outcome).withDetails(JsonObject.of("exit", 0)));

            assertThat(ended.state()).isEqualTo(TaskState.of(outcome.status()));
            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.content().sessionPath()).isEqualTo("/tmp/one");
            assertThat(attempt(ended).outcome()).isEqualTo(outcome);
            assertThat(attempt(ended).endedAt()).isNotNull();
            assertThat(attempt(ended).details()).isEqualTo(JsonObject.of("exit", 0));
        }
    }

    @Test
    @Proves({Rule.Q_7, Rule.Q_6})
    void a_failed_attempt_makes_the_task_pending_again_while_attempts_remain() {
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE)
                        .retry(RetryPolicy.of(2, Duration.ofMinutes(5)))
                        .build());
        store().queue().updateAttempt(running(task, 1, "a-1"));

        QueueTask waiting = store().queue().updateAttempt(AttemptReport.ended(task.id(), 1, "a-1", BROKEN));

        assertThat(waiting.state()).isEqualTo(TaskState.PENDING);
        assertThat(waiting.outcome()).isNull();
        assertThat(attempt(waiting).outcome()).isEqualTo(BROKEN);
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
        store().queue().updateAttempt(running(task, 2, "a-2"));
        assertThat(store().queue()
                        .updateAttempt(AttemptReport.ended(task.id(), 2, "a-2", BROKEN))
                        .state())
                .isEqualTo(TaskState.FAILED);
    }

    /** D22: a late report of attempt 1 overwrote attempt 2. */
    @Test
    @Proves({Rule.Q_7, Rule.G_3})
    void a_late_report_of_an_earlier_attempt_is_refused() {
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE)
                        .retry(RetryPolicy.of(3, Duration.ZERO))
                        .build());
        store().queue().updateAttempt(running(task, 1, "a-1"));
        store().queue().updateAttempt(AttemptReport.ended(task.id(), 1, "a-1", BROKEN));
        store().queue().updateAttempt(running(task, 2, "a-2").withSessionPath("/tmp/two"));

        refused(running(task, 1, "a-1").withDetails(JsonObject.of("late", true)));
        refused(AttemptReport.ended(task.id(), 1, "a-1", Outcome.completed()));
    }

    @Test
    @Proves({Rule.Q_7, Rule.G_3})
    void a_report_of_an_attempt_that_is_not_due_is_refused() {
        QueueTask task = given().task(QUEUE);

        refused(running(task, 2, "a-2"));
        refused(AttemptReport.ended(task.id(), 1, "a-1", Outcome.completed()));
        store().queue().updateAttempt(running(task, 1, "a-1"));
        refused(running(task, 2, "a-2"));
        refused(AttemptReport.ended(task.id(), 2, "a-2", Outcome.completed()));
    }

    /** D22: two dispatchers both started one task. */
    @Test
    @Proves({Rule.Q_7, Rule.G_3})
    void a_report_under_another_attempt_id_is_refused() {
        QueueTask task = given().task(QUEUE);
        store().queue().updateAttempt(running(task, 1, "a-1"));

        refused(running(task, 1, "another"));
        refused(AttemptReport.ended(task.id(), 1, "another", Outcome.completed()));
    }

    @Test
    @Proves(Rule.Q_7)
    void of_hosts_that_begin_an_attempt_at_the_same_moment_one_succeeds() {
        for (int round = 0; round < 10; round++) {
            QueueTask task = given().task(QUEUE);

            List<Race.Finish<QueueTask>> finishes = Race.of(
                    4, i -> () -> (i % 2 == 0 ? store() : second()).queue().updateAttempt(running(task, 1, "a-" + i)));

            assertThat(Race.values(finishes)).containsExactly(store().queue().get(task.id()));
            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(StateConflictException.class);
        }
    }

    @Test
    @Proves({Rule.Q_7, Rule.Q_10})
    void the_same_report_again_returns_the_stored_record() {
        QueueTask task = given().task(QUEUE);
        AttemptReport begin = running(task, 1, "a-1").withDetails(JsonObject.of("pid", 7));
        AttemptReport end = AttemptReport.ended(task.id(), 1, "a-1", Outcome.completed());

        QueueTask begun = store().queue().updateAttempt(begin);
        assertThat(unchangedBy(begin)).isEqualTo(begun);
        QueueTask ended = store().queue().updateAttempt(end);
        advance(Duration.ofMinutes(1));
        assertThat(unchangedBy(end)).isEqualTo(ended);
    }

    @Test
    @Proves({Rule.Q_7, Rule.Q_6})
    void the_same_report_of_a_failure_that_will_be_tried_again_returns_the_stored_record() {
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE)
                        .retry(RetryPolicy.of(2, Duration.ZERO))
                        .build());
        AttemptReport end = AttemptReport.ended(task.id(), 1, "a-1", BROKEN);
        store().queue().updateAttempt(running(task, 1, "a-1"));
        QueueTask waiting = store().queue().updateAttempt(end);

        assertThat(unchangedBy(end)).isEqualTo(waiting);
    }

    @Test
    @Proves({Rule.Q_7, Rule.G_2, Rule.G_3})
    void a_report_of_an_ended_task_is_refused() {
        QueueTask task = given().task(QUEUE);
        store().queue().updateAttempt(running(task, 1, "a-1"));
        store().queue().updateAttempt(AttemptReport.ended(task.id(), 1, "a-1", Outcome.completed()));

        for (AttemptReport report : List.of(
                running(task, 1, "a-1"),
                running(task, 2, "a-2"),
                AttemptReport.ended(task.id(), 1, "a-1", BROKEN),
                AttemptReport.ended(task.id(), 1, "another", Outcome.completed()))) {
            AlreadyTerminalException refusal = watch().task(task.id())
                    .refuses(
                            AlreadyTerminalException.class,
                            () -> store().queue().updateAttempt(report));
            assertThat(refusal.id()).isEqualTo(task.id());
            assertThat(refusal.status()).isEqualTo("completed");
        }
    }

    @Test
    @Proves({Rule.Q_7, Rule.G_3})
    void a_task_that_the_store_dispatched_takes_no_reports() {
        QueueTask task = given().task(QUEUE);
        given().dispatched(QUEUE);

        refused(running(task, 1, "a-1"));
        refused(running(task, 2, "a-2"));
        refused(AttemptReport.ended(task.id(), 1, "a-1", Outcome.completed()));
    }

    @Test
    @Proves(Rule.Q_8)
    void cancelling_a_task_that_its_host_runs_ends_it_at_once() {
        for (CancelMode mode : CancelMode.values()) {
            QueueTask task = given().task(QUEUE);
            store().queue().updateAttempt(running(task, 1, "a-1"));

            QueueTask cancelled = store().queue().cancel(task.id(), "no more", mode);

            assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(cancelled.outcome()).isEqualTo(Outcome.cancelled("no more"));
            assertThat(attempt(cancelled).outcome()).isEqualTo(Outcome.cancelled("no more"));
        }
    }

    @Test
    @Proves({Rule.Q_7, Rule.G_2})
    void a_report_of_an_unknown_task_is_not_found() {
        watch().refuses(
                        NotFoundException.class,
                        () -> store().queue().updateAttempt(AttemptReport.running("qt_unknown", 1, "a-1")));
    }

    @Test
    @Proves({Rule.E_4, Rule.Q_7})
    void secrets_in_the_message_of_a_report_are_not_stored() {
        for (int attempts = 1; attempts <= 2; attempts++) {
            QueueTask task = store().queue()
                    .create(given().newTask(QUEUE)
                            .retry(RetryPolicy.of(attempts, Duration.ZERO))
                            .build());
            store().queue().updateAttempt(running(task, 1, "a-1"));

            QueueTask reported = store().queue()
                    .updateAttempt(AttemptReport.ended(
                            task.id(), 1, "a-1", Outcome.failed(FailureKind.BACKEND_FAILED, "refused " + TOKEN)));

            assertThat(store().queue().get(task.id())).isEqualTo(reported);
            assertThat(reported.state()).isEqualTo(attempts == 1 ? TaskState.FAILED : TaskState.PENDING);
            assertThat(Objects.requireNonNull(attempt(reported).outcome()).message())
                    .contains("refused")
                    .doesNotContain(TOKEN);
            assertThat(String.valueOf(reported.outcome())).doesNotContain(TOKEN);
        }
    }

    private void refused(AttemptReport report) {
        StateConflictException refusal = watch().task(report.taskId())
                .refuses(StateConflictException.class, () -> store().queue().updateAttempt(report));
        assertThat(refusal.id()).isEqualTo(report.taskId());
    }

    private QueueTask unchangedBy(AttemptReport report) {
        return watch().task(report.taskId()).unchangedBy(() -> store().queue().updateAttempt(report));
    }

    private static AttemptReport running(QueueTask task, int attempt, String attemptId) {
        return AttemptReport.running(task.id(), attempt, attemptId);
    }

    private static TaskAttempt attempt(QueueTask task) {
        return Objects.requireNonNull(task.latestAttempt());
    }
}
