package io.agentrun.postgres;

import io.agentrun.backend.LimitSets;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.LimitQueries;
import io.agentrun.postgres.internal.query.LimitQueries.FreeSlot;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.LimitTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.rules.limit.LimitRules.Need;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Locks slots of limits: some for tasks that are locked, in one round trip, passing over what others have locked; or all of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingLimits {

    private final Tx tx;
    private final StepClock clock;
    private Script.@Nullable Rows<String> tasksAhead;
    private Script.@Nullable Rows<FreeSlot> slotsAhead;

    LockingLimits(Tx tx, StepClock clock) {
        this.tx = tx;
        this.clock = clock;
    }

    /** Locks the table: whoever takes or gives back slots has read it, and keeps a lock on it until the end of its transaction. */
    void lockAll() {
        tx.locks().take(Rank.SLOT, null);
        Script script = new Script();
        if (tx.isOwn()) {
            script.run(LimitTable.WAIT_BRIEFLY);
        }
        tx.execute(script.run(LimitTable.LOCK_ALL));
    }

    void occupy(Limit limit) {
        tx.execute(new Script()
                .bind("limit_key", LimitSets.text(limit.key()))
                .run(LimitQueries.FREE_STRAYS)
                .run(LimitQueries.OCCUPY));
    }

    /**
     * Adds that slots are locked for those of the tasks {@code :task_ids} that the script locks before. None are made: where too few are
     * free, another trip makes some for many takes.
     */
    void lockAhead(Script script) {
        tasksAhead = script.query(LimitQueries.MINE_IDS, (row, context) -> Columns.text(row, "id"));
        slotsAhead = script.lockFree(tx, Rank.SLOT, null, LimitQueries.FREE_OF_MINE, LimitQueries::slot);
    }

    /** The slots are free at the time of the step, which is that of their being taken: so no window has one start more. */
    Map<String, Grant> grants(List<QueueTask> tasks) {
        Map<LimitKey, Integer> asked = new LinkedHashMap<>();
        tasks.forEach(task -> LimitRules.values(task).forEach(value -> asked.merge(value, 1, Integer::sum)));
        List<FreeSlot> ahead = ahead(tasks);
        Map<Need, List<Integer>> numbers = numbers(ahead, asked);
        boolean enough = !ahead.isEmpty()
                && numbers.entrySet().stream()
                        .allMatch(of -> of.getValue().size()
                                >= asked.getOrDefault(of.getKey().value(), 0));
        if (!enough) {
            numbers = numbers(free(asked), asked);
        }
        Map<Need, List<Integer>> found = numbers;
        Map<String, List<Need>> needs = new LinkedHashMap<>();
        for (QueueTask task : tasks) {
            List<LimitKey> ofTask = LimitRules.values(task);
            needs.put(
                    task.id(),
                    found.keySet().stream()
                            .filter(need -> ofTask.contains(need.value()))
                            .toList());
        }
        return LimitRules.assign(needs, need -> found.getOrDefault(need, List.of()));
    }

    /** Returns the numbers of free slots by what limits ask for. */
    private static Map<Need, List<Integer>> numbers(List<FreeSlot> free, Map<LimitKey, Integer> asked) {
        Map<String, LimitKey> values = new HashMap<>();
        asked.keySet().forEach(value -> values.put(LimitSets.text(value), value));
        Map<Need, List<Integer>> numbers = new LinkedHashMap<>();
        for (FreeSlot slot : free) {
            LimitKey value = values.get(slot.value());
            if (value != null) {
                List<Integer> ofNeed =
                        numbers.computeIfAbsent(new Need(value, slot.limit()), need -> new ArrayList<>());
                if (slot.number() != null) {
                    ofNeed.add(slot.number());
                }
            }
        }
        return numbers;
    }

    /** Returns the slots that were locked with the tasks; none if they were not locked for all of them. */
    private List<FreeSlot> ahead(List<QueueTask> tasks) {
        if (tasksAhead == null || slotsAhead == null) {
            return List.of();
        }
        Set<String> known = Set.copyOf(tasksAhead.all());
        return tasks.stream().allMatch(task -> known.contains(task.id())) ? slotsAhead.all() : List.of();
    }

    private List<FreeSlot> free(Map<LimitKey, Integer> asked) {
        Script script = new Script();
        String lock = LimitQueries.free(script, asked, clock.soFar());
        Script.Rows<FreeSlot> free = script.lockFree(tx, Rank.SLOT, null, lock, LimitQueries::slot);
        tx.execute(script);
        return free.all();
    }
}
