package io.agentrun.memory;

import io.agentrun.backend.StoreReads.Overdue;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When tasks and runs are to be judged by their deadlines. Not thread-safe: one thread at a time. */
final class DeadlineIndex {

    private final TreeSet<IndexKey> tasks = new TreeSet<>(IndexKey.OLDEST_FIRST);
    private final TreeSet<IndexKey> runs = new TreeSet<>(IndexKey.OLDEST_FIRST);

    void add(QueueTask task) {
        add(tasks, DeadlineRules.nextAt(task), task.id());
    }

    void remove(QueueTask task) {
        remove(tasks, DeadlineRules.nextAt(task), task.id());
    }

    void add(Run run) {
        if (run.deadlines() != null) {
            add(runs, DeadlineRules.nextAt(RunHead.of(run)), run.id());
        }
    }

    void remove(Run run) {
        if (run.deadlines() != null) {
            remove(runs, DeadlineRules.nextAt(RunHead.of(run)), run.id());
        }
    }

    private static void add(Set<IndexKey> index, @Nullable Instant at, String id) {
        if (at != null) {
            index.add(new IndexKey(0, at, id));
        }
    }

    private static void remove(Set<IndexKey> index, @Nullable Instant at, String id) {
        if (at != null) {
            index.remove(new IndexKey(0, at, id));
        }
    }

    List<Overdue> overdue(Instant now, int limit) {
        IndexKey until = new IndexKey(0, now, IndexKey.LAST_ID);
        return Stream.concat(
                        runs.headSet(until, true).stream().limit(limit).map(key -> Overdue.run(key.id())),
                        tasks.headSet(until, true).stream().limit(limit).map(key -> Overdue.task(key.id())))
                .toList();
    }
}
