package io.agentrun.memory;

import io.agentrun.run.Run;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Runs by what they belong to, a task or a session, each group in an order.
 *
 * <p>Not thread-safe: guarded by the store's lock.
 */
final class RunsOf {

    private final Map<String, TreeSet<IndexKey>> groups = new HashMap<>();
    private final Comparator<IndexKey> order;
    private final TreeSet<IndexKey> none;

    RunsOf(Comparator<IndexKey> order) {
        this.order = order;
        this.none = new TreeSet<>(order);
    }

    /** Adds a run to the group of its owner, if it has one. */
    void add(@Nullable String owner, Run run) {
        if (owner != null) {
            groups.computeIfAbsent(owner, id -> new TreeSet<>(order)).add(IndexKey.created(run));
        }
    }

    /** Removes a run from the group of its owner, if it has one. */
    void remove(@Nullable String owner, Run run) {
        if (owner != null) {
            groups.computeIfPresent(owner, (id, of) -> {
                of.remove(IndexKey.created(run));
                return of.isEmpty() ? null : of;
            });
        }
    }

    /** Returns the runs of the owner, in their order. */
    NavigableSet<IndexKey> of(String owner) {
        return groups.getOrDefault(owner, none);
    }

    /** Returns whether the owner has a run. */
    boolean hasAny(String owner) {
        return groups.containsKey(owner);
    }
}
