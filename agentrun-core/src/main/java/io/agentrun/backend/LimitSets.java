package io.agentrun.backend;

import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitBy;
import io.agentrun.limit.LimitKey;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.rules.limit.LimitRules.Need;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.RunStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of limits, out of lists of limits and slots, for backends whose transactions run one at a time or that need not save
 * round trips.
 *
 * <p>Thread-safe.
 */
public final class LimitSets {

    private static final int PAGE = 1_000;
    private static final char SEPARATOR = '\n';

    /** The order of a list of limits: the text of the key by code point, then the kind. */
    public static final Comparator<Limit> ORDER = Comparator.comparing(
                    (Limit limit) -> limit.key(), (a, b) -> compareCodePoints(text(a), text(b)))
            .thenComparing(limit -> limit.kind().wire());

    private LimitSets() {}

    /** Returns the key as one text, different for different keys: names hold no line break. */
    public static String text(LimitKey key) {
        StringBuilder text = new StringBuilder(key.by().wire());
        if (key.of() != null) {
            text.append(SEPARATOR).append(key.of());
        }
        if (key.value() != null) {
            text.append(SEPARATOR).append(key.value());
        }
        return text.toString();
    }

    /**
     * Returns the key that has the text.
     *
     * @throws io.agentrun.error.InvalidInputException if it is none of {@link #text}
     */
    public static LimitKey key(String text) {
        String[] parts = text.split(String.valueOf(SEPARATOR), -1);
        LimitBy by = LimitBy.fromWire("by", parts[0]);
        return switch (by) {
            case QUEUE, TENANT -> new LimitKey(by, null, part(parts, 1));
            case LANE, PROJECT, LABEL -> new LimitKey(by, part(parts, 1), part(parts, 2));
        };
    }

    private static @Nullable String part(String[] parts, int index) {
        return index < parts.length ? parts[index] : null;
    }

    /** Returns the sort keys of a limit in lists. */
    public static List<String> keys(Limit limit) {
        return List.of(text(limit.key()), limit.kind().wire());
    }

    /** Returns whether the limit comes after the one with these sort keys. */
    public static boolean isAfter(Limit limit, List<String> keys) {
        int order = compareCodePoints(text(limit.key()), keys.get(0));
        return order > 0 || (order == 0 && limit.kind().wire().compareTo(keys.get(1)) > 0);
    }

    private static int compareCodePoints(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        if (i == a.length() || i == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        // A surrogate stands for a code point above all others of one char.
        boolean high = Character.isSurrogate(a.charAt(i));
        return high == Character.isSurrogate(b.charAt(i)) ? Character.compare(a.charAt(i), b.charAt(i)) : high ? 1 : -1;
    }

    static List<Limit> all(StoreReads reads) {
        List<Limit> all = new ArrayList<>();
        List<Limit> page = reads.limits(List.of(), PAGE);
        all.addAll(page);
        while (page.size() == PAGE) {
            page = reads.limits(keys(page.get(PAGE - 1)), PAGE);
            all.addAll(page);
        }
        return all;
    }

    /**
     * Returns whether a limit may count the task, which is locked: it was so when it was a candidate, or it may have been replaced since.
     *
     * @param candidate null if it was none
     */
    public static boolean mayCount(@Nullable DueTask candidate, QueueTask task) {
        return candidate == null || candidate.limited() || task.replaceKey() != null;
    }

    /** Returns the first limit that counts the task and is full; null if none is. */
    public static @Nullable Need full(StoreReads reads, QueueTask task, Instant now) {
        List<LimitKey> values = LimitRules.values(task);
        List<Need> needs = LimitRules.needs(task, reads.limits(LimitRules.keys(values)));
        List<LimitSlot> slots = needs.isEmpty() ? List.of() : reads.slots(values);
        for (Need need : needs) {
            if (LimitRules.free(need.limit(), of(slots, need), now).isEmpty()) {
                return need;
            }
        }
        return null;
    }

    /**
     * Locks a slot of each limit that counts the run's task, if the run is pending and has none because it was parked. What limits ask
     * of a task never changes while it is under way, so that it is not locked.
     */
    public static Grant again(StoreTx tx, RunHead run) {
        QueueTask task = counted(tx, run);
        return task == null ? Grant.UNLIMITED : tx.lockSlots(List.of(task)).getOrDefault(task.id(), Grant.UNLIMITED);
    }

    /** Returns a full limit that a run waits for which was parked; null if it waits for none. */
    public static @Nullable Need full(StoreReads reads, RunHead run, Instant now) {
        QueueTask task = counted(reads, run);
        return task == null ? null : full(reads, task, now);
    }

    private static @Nullable QueueTask counted(StoreReads reads, RunHead run) {
        String taskId = run.taskId();
        return taskId == null || run.status() != RunStatus.PENDING || !run.slotless()
                ? null
                : reads.findTask(taskId).orElse(null);
    }

    private static List<LimitSlot> of(List<LimitSlot> slots, Need need) {
        return slots.stream()
                .filter(slot ->
                        slot.kind() == need.limit().kind() && slot.value().equals(need.value()))
                .toList();
    }

    static Map<String, Grant> grants(StoreTx tx, List<QueueTask> tasks) {
        Set<LimitKey> values = new HashSet<>();
        tasks.forEach(task -> values.addAll(LimitRules.values(task)));
        List<Limit> limits = tx.limits(LimitRules.keys(values));
        Map<String, List<Need>> needs = new LinkedHashMap<>();
        tasks.forEach(task -> needs.put(task.id(), LimitRules.needs(task, limits)));
        List<LimitSlot> slots = limits.isEmpty() ? List.of() : tx.slots(values);
        return LimitRules.assign(needs, need -> LimitRules.free(need.limit(), of(slots, need), tx.now()));
    }
}
