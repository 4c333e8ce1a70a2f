package io.agentrun.rules.limit;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Owner;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskPlace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which limits count a task, which of their slots may be taken, and what a dispatch takes (M-1 to M-6).
 *
 * <p>Pure functions. Thread-safe.
 */
public final class LimitRules {

    private LimitRules() {}

    /** A limit, and the one value for which it counts a task. Immutable. */
    public record Need(LimitKey value, Limit limit) {}

    /**
     * What a task gets. Immutable.
     *
     * @param slots one for each limit that counts it, none taken yet; empty if one is full
     * @param full a limit of which no slot is to be had; null if all have one
     */
    public record Grant(List<LimitSlot> slots, @Nullable Need full) {

        /** What a task gets that no limit counts. */
        public static final Grant UNLIMITED = new Grant(List.of(), null);

        public Grant {
            slots = List.copyOf(slots);
        }
    }

    /** Returns the values by which limits may count the task. */
    public static List<LimitKey> values(QueueTask task) {
        TaskPlace place = task.place();
        Owner owner = task.owner();
        List<LimitKey> values = new ArrayList<>(8);
        values.add(LimitKey.queue(place.queue()));
        values.add(LimitKey.lane(place.queue(), place.lane()));
        values.add(LimitKey.tenant(owner.tenantId()));
        values.add(LimitKey.project(owner));
        task.limitLabels().forEach((name, value) -> values.add(LimitKey.label(name, value)));
        return values;
    }

    /** Returns the keys of all limits that may count one of the values: of the value itself, and of each value. */
    public static Set<LimitKey> keys(Collection<LimitKey> values) {
        Set<LimitKey> keys = new HashSet<>(values);
        values.forEach(value -> keys.add(value.toEach()));
        return keys;
    }

    /**
     * Returns the limits that count the task, each with the task's value; the limit of one value stands in place of the one for each (M-1).
     *
     * @param limits at least all that have one of the {@link #keys} of the task's values
     */
    public static List<Need> needs(QueueTask task, Collection<Limit> limits) {
        if (limits.isEmpty()) {
            return List.of();
        }
        Map<LimitKey, Map<LimitKind, Limit>> byKey = new HashMap<>();
        limits.forEach(limit ->
                byKey.computeIfAbsent(limit.key(), key -> new HashMap<>(2)).put(limit.kind(), limit));
        List<Need> needs = new ArrayList<>(2);
        for (LimitKey value : values(task)) {
            Map<LimitKind, Limit> own = byKey.getOrDefault(value, Map.of());
            Map<LimitKind, Limit> each = byKey.getOrDefault(value.toEach(), Map.of());
            for (LimitKind kind : LimitKind.values()) {
                Limit limit = own.getOrDefault(kind, each.get(kind));
                if (limit != null) {
                    needs.add(new Need(value, limit));
                }
            }
        }
        return needs;
    }

    /** Returns whether the slot counts no attempt of the limit: none has it, or the start is as long ago as the period (M-2, M-3). */
    public static boolean isFree(LimitSlot slot, Limit limit, Instant now) {
        Instant takenAt = slot.takenAt();
        return switch (limit.kind()) {
            case RUNNING -> slot.runId() == null;
            case STARTS ->
                takenAt == null
                        || limit.period() == null
                        || !takenAt.plus(limit.period()).isAfter(now);
        };
    }

    /**
     * Returns the numbers of the slots that may be taken, in order: the free ones up to the limit, and of them so many that no more are
     * taken in all than the limit allows. More are taken than their numbers say if the limit was lowered (M-5).
     *
     * @param slots the slots of the value that there are
     */
    public static List<Integer> free(Limit limit, Collection<LimitSlot> slots, Instant now) {
        Set<Integer> taken = new HashSet<>();
        for (LimitSlot slot : slots) {
            if (!isFree(slot, limit, now)) {
                taken.add(slot.number());
            }
        }
        List<Integer> free = new ArrayList<>();
        for (int number = 1; number <= limit.most() && free.size() + taken.size() < limit.most(); number++) {
            if (!taken.contains(number)) {
                free.add(number);
            }
        }
        return free;
    }

    /**
     * Gives slots to tasks, in their order: one of each limit that counts it, or none at all (M-4).
     *
     * @param needs the limits of each task, by its id
     * @param free the numbers of the slots that may be taken, asked once for each need
     * @return what each gets, by the task's id
     */
    public static Map<String, Grant> assign(Map<String, List<Need>> needs, Function<Need, List<Integer>> free) {
        Map<Need, List<Integer>> left = new HashMap<>();
        Map<String, Grant> grants = new LinkedHashMap<>();
        needs.forEach((taskId, ofTask) -> {
            Need full = null;
            for (Need need : ofTask) {
                List<Integer> numbers = left.computeIfAbsent(need, each -> new ArrayList<>(free.apply(each)));
                full = full == null && numbers.isEmpty() ? need : full;
            }
            List<LimitSlot> slots = new ArrayList<>(ofTask.size());
            if (full == null) {
                for (Need need : ofTask) {
                    int number = Objects.requireNonNull(left.get(need)).remove(0);
                    slots.add(new LimitSlot(need.value(), need.limit().kind(), number, null, null));
                }
            }
            grants.put(taskId, new Grant(slots, full));
        });
        return grants;
    }

    /** Returns that the run takes the slots (M-4). */
    public static SlotChange taken(Grant grant, String runId, Instant now) {
        return grant.slots().isEmpty()
                ? SlotChange.NONE
                : new SlotChange(
                        grant.slots().stream()
                                .map(slot -> taken(slot, runId, now))
                                .toList(),
                        List.of());
    }

    private static LimitSlot taken(LimitSlot slot, String runId, Instant now) {
        return switch (slot.kind()) {
            case RUNNING -> new LimitSlot(slot.value(), slot.kind(), slot.number(), now, runId);
            case STARTS -> new LimitSlot(slot.value(), slot.kind(), slot.number(), now, null);
        };
    }

    /** Returns the run of the task that counts towards limits, if one does: that of an attempt under way. */
    public static @Nullable String countedRun(QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        return attempt == null || attempt.outcome() != null ? null : attempt.runId();
    }

    /**
     * Returns slots of a limit of what runs at once for attempts that are under way and have none (M-5): the lowest numbers that nobody has,
     * also above the limit.
     *
     * @param runIds those runs, of one value
     * @param slots the slots of the value that there are
     */
    public static List<LimitSlot> occupied(
            LimitKey value, List<String> runIds, Collection<LimitSlot> slots, Instant now) {
        Set<Integer> taken = new HashSet<>();
        slots.stream().filter(slot -> slot.runId() != null).forEach(slot -> taken.add(slot.number()));
        List<LimitSlot> occupied = new ArrayList<>(runIds.size());
        int number = 0;
        for (String runId : runIds) {
            do {
                number++;
            } while (taken.contains(number));
            occupied.add(new LimitSlot(value, LimitKind.RUNNING, number, now, runId));
        }
        return occupied;
    }
}
