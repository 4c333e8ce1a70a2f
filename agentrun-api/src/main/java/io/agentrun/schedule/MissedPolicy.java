package io.agentrun.schedule;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of occurrences whose time has passed before their tasks could be made: while no host advanced the schedule.
 *
 * <p>Immutable.
 */
public enum MissedPolicy {
    /** One task, for the latest of them. */
    LATEST("latest"),
    /** A task for each, at most the latest 100. */
    ALL("all"),
    /** No task; and a task that was made in time ends if it has not begun within the schedule's {@code beginWithin}. */
    SKIP("skip");

    private final String wire;

    MissedPolicy(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in databases. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @throws io.agentrun.error.InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static MissedPolicy fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), MissedPolicy::wire);
    }
}
