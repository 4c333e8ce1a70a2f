package io.agentrun.rules.limit;

import java.util.ArrayList;
import java.util.List;

/**
 * What a transition does to the slots of limits.
 *
 * <p>Immutable.
 *
 * @param taken the next state of slots; one that the store does not have yet is new
 * @param freedRuns the runs that give back the slots of limits of what runs at once, as many as they have
 */
public record SlotChange(List<LimitSlot> taken, List<String> freedRuns) {

    /** A change of no slot. */
    public static final SlotChange NONE = new SlotChange(List.of(), List.of());

    public SlotChange {
        taken = List.copyOf(taken);
        freedRuns = List.copyOf(freedRuns);
    }

    /** Returns whether no slot is taken and none is given back. */
    public boolean isEmpty() {
        return taken.isEmpty() && freedRuns.isEmpty();
    }

    /** Returns both changes as one. */
    public SlotChange and(SlotChange other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        List<LimitSlot> all = new ArrayList<>(taken);
        all.addAll(other.taken);
        List<String> freed = new ArrayList<>(freedRuns);
        freed.addAll(other.freedRuns);
        return new SlotChange(all, freed);
    }
}
