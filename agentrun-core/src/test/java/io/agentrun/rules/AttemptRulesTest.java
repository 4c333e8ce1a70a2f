package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueTask;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Tasks.At;
import org.junit.jupiter.api.Test;

/** What a host reports of attempts that it makes itself. */
class AttemptRulesTest {

    private static final String OTHER_ATTEMPT = "StateConflict (schema-invalid)";
    private static final String DONE = "AlreadyTerminal (schema-invalid)";
    private static final String BROKEN = "AlreadyTerminal (backend-failed)";
    private static final String STUCK = "AlreadyTerminal (infra-failed)";
    private static final String CALLED_OFF = "AlreadyTerminal (cancelled)";

    private static void verify(Answers<At> answers, AttemptReport report) {
        answers.verify(at -> {
            QueueTask task = Tasks.task(at);
            return Story.of(() -> QueueRules.report(task, report, NOW), task);
        });
    }

    private static Answers<At> refused() {
        return Answers.in(At.class)
                .on(DONE, At.COMPLETED)
                .on(BROKEN, At.FAILED)
                .on(STUCK, At.BLOCKED)
                .on(CALLED_OFF, At.CANCELLED);
    }

    private static AttemptReport running(int number) {
        return AttemptReport.running(Tasks.TASK, number, "host-" + number).withDetails(JsonObject.of("pid", 4));
    }

    private static AttemptReport ended(int number, Outcome outcome) {
        return AttemptReport.ended(Tasks.TASK, number, "host-" + number, outcome);
    }

    @Test
    void the_first_attempt_begins_or_goes_on() {
        verify(
                refused()
                        .on(
                                "qt_1: state=running latestAttempt.number=1 latestAttempt.attemptId=host-1"
                                        + " latestAttempt.runId=none latestAttempt.commandId=none"
                                        + " latestAttempt.outcome=none latestAttempt.details={\"pid\":4}"
                                        + " latestAttempt.startedAt=now latestAttempt.endedAt=none"
                                        + " latestAttempt.unclaimed=0 latestAttempt.unclaimedInRow=0 latestAttempt.spentBefore=0",
                                At.PENDING)
                        .on("qt_1: latestAttempt.details={\"pid\":4}", At.BY_HOST)
                        .otherwise(OTHER_ATTEMPT),
                running(1));
    }

    @Test
    void the_second_attempt_begins_after_the_first_has_failed_or_goes_on() {
        verify(
                refused()
                        .on(
                                "qt_1: state=running latestAttempt.number=2 latestAttempt.attemptId=host-2"
                                        + " latestAttempt.outcome=none latestAttempt.details={\"pid\":4}"
                                        + " latestAttempt.startedAt=now latestAttempt.endedAt=none",
                                At.RETRY)
                        .on("qt_1: latestAttempt.details={\"pid\":4}", At.BY_HOST_LAST)
                        .otherwise(OTHER_ATTEMPT),
                running(2));
    }

    @Test
    void an_attempt_that_is_not_due_is_refused() {
        verify(refused().otherwise(OTHER_ATTEMPT), running(3));
        verify(
                refused()
                        .on(
                                "qt_1: state=running latestAttempt.number=1 latestAttempt.attemptId=else"
                                        + " latestAttempt.runId=none latestAttempt.commandId=none latestAttempt.outcome=none"
                                        + " latestAttempt.details={} latestAttempt.startedAt=now latestAttempt.endedAt=none"
                                        + " latestAttempt.unclaimed=0 latestAttempt.unclaimedInRow=0 latestAttempt.spentBefore=0",
                                At.PENDING)
                        .otherwise(OTHER_ATTEMPT),
                AttemptReport.running(Tasks.TASK, 1, "else"));
        verify(refused().otherwise(OTHER_ATTEMPT), AttemptReport.ended(Tasks.TASK, 1, "else", Outcome.completed()));
    }

    @Test
    void a_report_with_nothing_new_changes_nothing() {
        QueueTask task = Tasks.task(At.BY_HOST);
        AttemptReport same = AttemptReport.running(Tasks.TASK, 1, "host-1");

        assertThat(Story.of(() -> QueueRules.report(task, same, NOW), task)).isEqualTo("nothing");
        assertThat(Story.of(() -> QueueRules.report(task, same.withSessionPath("/a/b"), NOW), task))
                .isEqualTo("qt_1: content.sessionPath=/a/b");
    }

    @Test
    void the_running_attempt_ends_its_task() {
        String attempt = " latestAttempt.outcome=%1$s latestAttempt.endedAt=now outcome=%1$s";
        verify(
                refused()
                        .on("qt_1: state=completed" + attempt.formatted("completed"), At.BY_HOST)
                        .otherwise(OTHER_ATTEMPT),
                ended(1, Outcome.completed()));
        verify(
                refused()
                        .on("qt_1: state=blocked" + attempt.formatted("blocked/infra-failed/no network"), At.BY_HOST)
                        .otherwise(OTHER_ATTEMPT),
                ended(1, Runs.BLOCKED));
        verify(
                refused()
                        .on("qt_1: state=cancelled" + attempt.formatted("cancelled/cancelled/enough"), At.BY_HOST)
                        .otherwise(OTHER_ATTEMPT),
                ended(1, Runs.CANCELLED));
    }

    @Test
    void a_failed_attempt_is_tried_again_while_attempts_remain_and_its_report_repeats() {
        String failed = " latestAttempt.outcome=failed/backend-failed/it broke latestAttempt.endedAt=now";
        verify(
                refused()
                        .on("nothing", At.RETRY)
                        .on("qt_1: state=pending notBefore=+90s" + failed, At.BY_HOST)
                        .otherwise(OTHER_ATTEMPT),
                ended(1, Runs.FAILED));
        verify(
                Answers.in(At.class)
                        .on("qt_1: state=failed" + failed + " outcome=failed/backend-failed/it broke", At.BY_HOST_LAST)
                        .on(DONE, At.COMPLETED)
                        .on("nothing", At.FAILED)
                        .on(STUCK, At.BLOCKED)
                        .on(CALLED_OFF, At.CANCELLED)
                        .otherwise(OTHER_ATTEMPT),
                ended(2, Runs.FAILED));
    }

    @Test
    void the_report_that_ended_a_task_repeats_and_another_is_refused() {
        verify(
                Answers.in(At.class)
                        .on(
                                "qt_1: state=completed latestAttempt.outcome=completed latestAttempt.endedAt=now"
                                        + " outcome=completed",
                                At.BY_HOST_LAST)
                        .on("nothing", At.COMPLETED)
                        .on(BROKEN, At.FAILED)
                        .on(STUCK, At.BLOCKED)
                        .on(CALLED_OFF, At.CANCELLED)
                        .otherwise(OTHER_ATTEMPT),
                ended(2, Outcome.completed()));
    }

    @Test
    void details_and_path_of_the_last_report_are_kept() {
        QueueTask task = Tasks.task(At.BY_HOST_LAST);
        AttemptReport report = ended(2, Outcome.completed())
                .withDetails(JsonObject.of("exit", 0))
                .withSessionPath("/a");

        assertThat(Story.of(() -> QueueRules.report(task, report, NOW), task))
                .isEqualTo("qt_1: content.sessionPath=/a state=completed latestAttempt.outcome=completed"
                        + " latestAttempt.details={\"exit\":0} latestAttempt.endedAt=now outcome=completed");
    }
}
