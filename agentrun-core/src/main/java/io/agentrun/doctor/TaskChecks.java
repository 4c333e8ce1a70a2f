package io.agentrun.doctor;

import io.agentrun.command.CommandType;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskRetries;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import java.time.Instant;

/** What holds for a task, its latest attempt, and the run and turn of that. Thread-safe. */
final class TaskChecks {

    private TaskChecks() {}

    static void check(TaskFile file, Findings findings) {
        QueueTask task = file.task();
        state(task, findings);
        attempt(task, findings);
        run(file, findings);
        findings.require(task.version() >= 1, Rule.Q_10, Subject.TASK, task.id(), "it was stored without a version");
    }

    private static void state(QueueTask task, Findings findings) {
        Outcome outcome = task.outcome();
        boolean ended = task.state().terminal();
        findings.require(
                ended == (outcome != null),
                Rule.Q_5,
                Subject.TASK,
                task.id(),
                "it has an outcome exactly once it has ended");
        if (ended && outcome != null) {
            findings.require(
                    TaskState.of(outcome.status()) == task.state(),
                    Rule.Q_5,
                    Subject.TASK,
                    task.id(),
                    "its outcome says another end than its state");
        }
        findings.require(
                task.state() != TaskState.PENDING || task.cancelRequest() == null,
                Rule.Q_8,
                Subject.TASK,
                task.id(),
                "it was asked to cancel and waits to be tried again");
    }

    private static void attempt(QueueTask task, Findings findings) {
        TaskAttempt attempt = task.latestAttempt();
        boolean underWay = attempt != null && attempt.outcome() == null;
        findings.require(
                underWay == (task.state() == TaskState.RUNNING),
                Rule.Q_3,
                Subject.TASK,
                task.id(),
                "an attempt is under way exactly while it is running");
        if (attempt == null) {
            return;
        }
        findings.require(
                attempt.spentBefore() + attempt.unclaimed() <= attempt.number(),
                Rule.Q_15,
                Subject.TASK,
                task.id(),
                "more of its attempts count no more than there were");
        findings.require(attempt.number() >= 1, Rule.Q_7, Subject.TASK, task.id(), "its attempt has a number below 1");
        findings.require(
                (attempt.outcome() == null) == (attempt.endedAt() == null),
                Rule.Q_5,
                Subject.TASK,
                task.id(),
                "its attempt has an outcome exactly when it has ended");
    }

    /** Returns whether the task was tried again since the attempt: its run may have been deleted while the task had ended. */
    private static boolean isOfBefore(TaskAttempt attempt, QueueTask task) {
        Instant endedAt = attempt.endedAt();
        TaskRetries retries = task.retries();
        return endedAt != null && retries != null && !endedAt.isAfter(retries.latestAt());
    }

    private static void run(TaskFile file, Findings findings) {
        QueueTask task = file.task();
        TaskAttempt attempt = task.latestAttempt();
        if (attempt == null || attempt.runId() == null) {
            return;
        }
        Run run = file.run();
        boolean underWay = task.state() == TaskState.RUNNING;
        findings.require(
                run != null || task.state().terminal() || isOfBefore(attempt, task),
                Rule.R_8,
                Subject.TASK,
                task.id(),
                "the run of its latest attempt is not there");
        if (run == null) {
            return;
        }
        findings.require(
                run.taskId() == null || run.taskId().equals(task.id()),
                Rule.Q_3,
                Subject.TASK,
                task.id(),
                "the run of its latest attempt is another task's");
        findings.requireSame(
                task.owner(), run.owner(), Rule.Q_3, Subject.TASK, task.id(), "its run is another owner's");
        findings.require(
                underWay == !run.isTerminal(),
                Rule.Q_5,
                Subject.TASK,
                task.id(),
                "it runs exactly while the run of its latest attempt is open");
        CommandHead turn = file.turn();
        findings.require(
                attempt.commandId() == null
                        || (turn != null
                                && turn.type() == CommandType.TURN
                                && turn.runId().equals(run.id())),
                Rule.Q_3,
                Subject.TASK,
                task.id(),
                "the turn of its latest attempt is no turn of that run");
    }
}
