package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.error.NotFoundException;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.CommandHead;
import io.agentrun.run.Run;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task with the run and the turn of its latest attempt, read one after the other. Immutable.
 *
 * @param run the run of the attempt, null without one or if it is gone
 * @param turn the turn of the attempt, null without one or if it is gone
 */
record TaskFile(QueueTask task, @Nullable Run run, @Nullable CommandHead turn) {

    /** Reads the task; empty if there is none (any more). */
    static Optional<TaskFile> read(AgentRunStore store, String taskId) {
        QueueTask task = RunFile.task(store, taskId);
        if (task == null) {
            return Optional.empty();
        }
        TaskAttempt attempt = task.latestAttempt();
        Run run = null;
        CommandHead turn = null;
        if (attempt != null && attempt.runId() != null) {
            try {
                run = store.runs().get(attempt.runId());
                turn = attempt.commandId() == null
                        ? null
                        : CommandHead.of(store.commands().get(attempt.commandId()));
            } catch (NotFoundException purged) {
                // What is missing stays null; whether it may be missing depends on the state of the task.
                return Optional.of(new TaskFile(task, run, null));
            }
        }
        return Optional.of(new TaskFile(task, run, turn));
    }
}
