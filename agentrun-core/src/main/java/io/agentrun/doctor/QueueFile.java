package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of the queue, counted, and the statistics, read one after the other. Immutable.
 *
 * @param versions the version of each task
 * @param listed how many tasks the list shows in each state
 * @param oldest when the oldest of those that wait was created, null without one
 * @param counted what the statistics say
 * @param byLane what the lanes of the statistics come to
 * @param toldOldest what the statistics say of the oldest
 */
record QueueFile(
        Map<String, Long> versions,
        Map<TaskState, Long> listed,
        @Nullable Instant oldest,
        Map<TaskState, Long> counted,
        Map<TaskState, Long> byLane,
        @Nullable Instant toldOldest) {

    static QueueFile read(AgentRunStore store, TenantScope scope, Bounds bounds) {
        Map<String, Long> versions = new TreeMap<>();
        Map<TaskState, Long> listed = zeros();
        Instant oldest = null;
        QueueQuery query = QueueQuery.in(scope).withLimit(bounds.page());
        String cursor = null;
        do {
            Page<QueueTask> page = store.queue().list(query.withCursor(cursor));
            for (QueueTask task : page.items()) {
                versions.put(task.id(), task.version());
                listed.merge(task.state(), 1L, Long::sum);
                if (task.state() == TaskState.PENDING
                        && (oldest == null || task.createdAt().isBefore(oldest))) {
                    oldest = task.createdAt();
                }
            }
            cursor = page.nextCursor();
        } while (cursor != null);
        QueueStats stats = store.queue().stats(new QueueScope(scope, null));
        Map<TaskState, Long> counted = zeros();
        counted.putAll(stats.byState());
        Map<TaskState, Long> byLane = zeros();
        stats.byLane().values().forEach(lane -> lane.forEach((state, count) -> byLane.merge(state, count, Long::sum)));
        return new QueueFile(versions, listed, oldest, counted, byLane, stats.oldestPendingAt());
    }

    private static Map<TaskState, Long> zeros() {
        Map<TaskState, Long> counts = new EnumMap<>(TaskState.class);
        for (TaskState state : TaskState.values()) {
            counts.put(state, 0L);
        }
        return counts;
    }

    static void check(QueueFile file, Findings findings) {
        findings.requireSame(
                file.listed(),
                file.counted(),
                Rule.Q_9,
                Subject.STORE,
                "-",
                "the queue's statistics count other tasks than its list");
        findings.requireSame(
                file.counted(),
                file.byLane(),
                Rule.Q_9,
                Subject.STORE,
                "-",
                "the lanes of the queue's statistics do not add up");
        findings.requireSame(
                file.oldest(),
                file.toldOldest(),
                Rule.Q_9,
                Subject.STORE,
                "-",
                "the queue's statistics name another oldest task");
    }
}
