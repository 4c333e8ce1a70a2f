package io.agentrun.postgres;

import io.agentrun.backend.LimitSets;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.LimitQueries;
import io.agentrun.postgres.internal.query.LimitQueries.FreeSlot;
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

/**
 * Locks slots of limits: some for tasks that are locked, in one round trip, passing over what others have locked; or all of them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingLimits {

    private final Tx tx;
    private final StepClock clock;

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

    /** The slots are free at the time of the step, which is that of their being taken: so no window has one start more. */
    Map<String, Grant> grants(List<QueueTask> tasks) {
        Map<LimitKey, Integer> asked = new LinkedHashMap<>();
        tasks.forEach(task -> LimitRules.values(task).forEach(value -> asked.merge(value, 1, Integer::sum)));
        Script script = new Script();
        String lock = LimitQueries.free(script, asked, clock.soFar());
        Script.Rows<FreeSlot> free = script.lockFree(tx, Rank.SLOT, null, lock, LimitQueries::slot);
        tx.execute(script);
        Map<String, LimitKey> values = new HashMap<>();
        asked.keySet().forEach(value -> values.put(LimitSets.text(value), value));
        Map<Need, List<Integer>> numbers = new LinkedHashMap<>();
        for (FreeSlot slot : free.all()) {
            LimitKey value = values.get(slot.value());
            if (value != null) {
                List<Integer> ofNeed =
                        numbers.computeIfAbsent(new Need(value, slot.limit()), need -> new ArrayList<>());
                if (slot.number() != null) {
                    ofNeed.add(slot.number());
                }
            }
        }
        Map<String, List<Need>> needs = new LinkedHashMap<>();
        for (QueueTask task : tasks) {
            List<LimitKey> ofTask = LimitRules.values(task);
            needs.put(
                    task.id(),
                    numbers.keySet().stream()
                            .filter(need -> ofTask.contains(need.value()))
                            .toList());
        }
        return LimitRules.assign(needs, need -> numbers.getOrDefault(need, List.of()));
    }
}
