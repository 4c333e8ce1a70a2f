package io.agentrun.memory;

import io.agentrun.backend.LimitSets;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.rules.limit.LimitSlot;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The limits of a store and their slots, guarded by the executor's lock. */
final class MemoryLimits {

    /** What tells a slot from the others of its value. */
    private record SlotId(LimitKind kind, int number) {}

    private final Map<LimitKey, Map<LimitKind, Limit>> limits = new HashMap<>();
    private final Map<LimitKey, Map<SlotId, LimitSlot>> slots = new HashMap<>();
    private final Map<String, Map<LimitKey, LimitSlot>> slotsOfRuns = new HashMap<>();
    private long limitCount;
    private long slotCount;

    /** Makes the write visible, if it is one of a limit or a slot. */
    void apply(Write write) {
        if (write instanceof Write.OfLimit limit) {
            apply(limit);
        } else if (write instanceof Write.OfSlot slot) {
            apply(slot.slot());
        }
    }

    private void apply(Write.OfLimit write) {
        Limit limit = write.limit();
        Map<LimitKind, Limit> ofKey = limits.computeIfAbsent(write.key(), key -> new EnumMap<>(LimitKind.class));
        Limit before = limit == null ? ofKey.remove(write.kind()) : ofKey.put(write.kind(), limit);
        limitCount += (limit == null ? 0 : 1) - (before == null ? 0 : 1);
        if (ofKey.isEmpty()) {
            limits.remove(write.key());
        }
    }

    private void apply(LimitSlot slot) {
        LimitSlot before = slots.computeIfAbsent(slot.value(), value -> new HashMap<>())
                .put(new SlotId(slot.kind(), slot.number()), slot);
        slotCount += before == null ? 1 : 0;
        if (before != null && before.runId() != null) {
            slotsOfRuns.computeIfPresent(before.runId(), (run, of) -> {
                of.remove(slot.value());
                return of.isEmpty() ? null : of;
            });
        }
        if (slot.runId() != null) {
            slotsOfRuns.computeIfAbsent(slot.runId(), run -> new HashMap<>(2)).put(slot.value(), slot);
        }
    }

    boolean isEmpty() {
        return limits.isEmpty();
    }

    /** Returns all limits, in the order of their list. */
    Stream<Limit> inOrder() {
        return limits.values().stream()
                .flatMap(ofKey -> ofKey.values().stream())
                .sorted(LimitSets.ORDER);
    }

    List<Limit> of(Collection<LimitKey> keys) {
        return keys.stream()
                .flatMap(key -> limits.getOrDefault(key, Map.of()).values().stream())
                .toList();
    }

    List<LimitSlot> slots(Collection<LimitKey> values) {
        return values.stream()
                .flatMap(value -> slots.getOrDefault(value, Map.of()).values().stream())
                .toList();
    }

    /** Returns the slots that the run has. */
    List<LimitSlot> slotsOf(String runId) {
        return List.copyOf(slotsOfRuns.getOrDefault(runId, Map.of()).values());
    }

    long size() {
        return limitCount + slotCount;
    }

    Stream<Write> writes() {
        return Stream.concat(
                inOrder().map(limit -> new Write.OfLimit(limit.key(), limit.kind(), limit)),
                slots.values().stream()
                        .flatMap(ofValue -> ofValue.values().stream())
                        .map(Write.OfSlot::new));
    }
}
