package io.agentrun.memory;

import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.QueueRules;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts tasks, one by one, into statistics. */
final class TaskCounts {

    private final QueueScope scope;
    private final Instant now;
    private final Map<TaskState, Long> byState = new EnumMap<>(TaskState.class);
    private final Map<String, Map<TaskState, Long>> byLane = new TreeMap<>(IndexKey.BY_CODE_POINT);
    private long due;
    private long waiting;
    private @Nullable Instant oldestPending;

    TaskCounts(QueueScope scope, Instant now) {
        this.scope = scope;
        this.now = now;
    }

    private static boolean counts(QueueScope scope, QueueTask task) {
        return scope.scope().includes(task.owner())
                && (scope.queue() == null || scope.queue().equals(task.place().queue()));
    }

    /** Counts a task, of which it is said whether its run is parked. */
    void add(QueueTask task, boolean parked) {
        if (!counts(scope, task)) {
            return;
        }
        byState.merge(task.state(), 1L, Long::sum);
        byLane.computeIfAbsent(task.place().lane(), lane -> new EnumMap<>(TaskState.class))
                .merge(task.state(), 1L, Long::sum);
        waiting += parked ? 1 : 0;
        if (task.state() == TaskState.PENDING) {
            if (oldestPending == null || task.createdAt().isBefore(oldestPending)) {
                oldestPending = task.createdAt();
            }
            if (QueueRules.due(task, now)) {
                due++;
            }
        }
    }

    QueueStats stats() {
        return new QueueStats(scope, byState, byLane, due, waiting, oldestPending, now);
    }
}
