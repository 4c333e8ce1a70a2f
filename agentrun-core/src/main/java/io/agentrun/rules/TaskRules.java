package io.agentrun.rules;

import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.StateConflictException;
import io.agentrun.model.Idempotency;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskRetries;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import java.time.Instant;

/**
 * What hosts do with tasks beside their attempts: trying an ended one again, replacing a waiting one, and deleting one.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class TaskRules {

    private TaskRules() {}

    /**
     * Returns an ended task pending again: the numbers of its attempts go on, and it has all attempts of its policy again. Empty
     * if the request is known by its key.
     *
     * @throws IdempotencyConflictException if the key was used for another request on the task
     * @throws StateConflictException if the task has not ended
     */
    public static Change retry(QueueTask task, TaskRetry request, Instant now) {
        TaskRetries before = task.retries();
        String key = request.idempotencyKey();
        if (before != null && key != null) {
            for (Idempotency known : before.keys()) {
                if (known.key().equals(key)) {
                    Keys.requireSameContent(known, request.contentHash());
                    return Change.none();
                }
            }
        }
        if (!task.state().terminal()) {
            throw new StateConflictException(
                    "queue task", task.id(), task.state().wire(), "it has not ended", true);
        }
        RetryPolicy policy = request.policy();
        TaskAttempt latest = task.latestAttempt();
        QueueTask pending = task.toBuilder()
                .state(TaskState.PENDING)
                .outcome(null)
                .cancelRequest(null)
                .notBefore(request.notBefore())
                .retry(policy == null ? task.retry() : policy)
                .latestAttempt(latest == null ? null : uncounted(latest))
                .deadlines(request.deadlines() == null ? DeadlineRules.again(task.deadlines()) : request.deadlines())
                .retries(TaskRetries.after(before, Keys.of(key, request::contentHash), now))
                .updatedAt(now)
                .build();
        return Change.builder().put(pending).build();
    }

    private static TaskAttempt uncounted(TaskAttempt latest) {
        return latest.withUnclaimed(latest.unclaimed(), 0).withSpentBefore(latest.number() - latest.unclaimed());
    }

    /**
     * Returns a waiting task replaced by the input: the same task, with everything else that the input says. Empty if it says the same.
     * The caller has checked, under the lock, that the task can be replaced under the key of the input.
     */
    public static Change replace(QueueTask task, NewQueueTask input, Instant now) {
        QueueTask next = task.toBuilder()
                .place(input.place())
                .title(input.title())
                .spec(input.spec())
                .content(input.content())
                .retry(input.retry())
                .notBefore(input.notBefore())
                .deadlines(input.deadlines())
                .limitLabels(input.limitLabels())
                .build();
        return next.equals(task)
                ? Change.none()
                : Change.builder()
                        .renew(next.toBuilder().updatedAt(now).build())
                        .build();
    }

    /**
     * Returns whether a purge of tasks that ended at or before the given time deletes this task.
     *
     * @param hasRuns whether one of its runs is still there
     */
    public static boolean purgeable(QueueTask task, boolean hasRuns, Instant endedUntil) {
        return task.state().terminal() && !task.updatedAt().isAfter(endedUntil) && !hasRuns;
    }
}
