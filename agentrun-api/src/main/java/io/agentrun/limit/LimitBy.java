package io.agentrun.limit;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What of a task a limit counts by.
 *
 * <p>Immutable.
 */
public enum LimitBy {
    /** Its queue. */
    QUEUE("queue"),
    /** Its lane, which is one of its queue: equal names in two queues are two lanes. */
    LANE("lane"),
    /** Its tenant. */
    TENANT("tenant"),
    /** Its project, which is one of its tenant: equal names of two tenants are two projects. */
    PROJECT("project"),
    /** The value that it gives to a limit label. */
    LABEL("label");

    private final String wire;

    LimitBy(String wire) {
        this.wire = wire;
    }

    /** Returns the string that stands for this value in JSON and in databases. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the value whose {@link #wire()} is given, letter for letter.
     *
     * @throws InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static LimitBy fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), LimitBy::wire);
    }
}
