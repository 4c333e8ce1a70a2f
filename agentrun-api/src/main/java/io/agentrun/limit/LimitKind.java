package io.agentrun.limit;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What a limit counts.
 *
 * <p>Immutable.
 */
public enum LimitKind {
    /** Attempts that are under way, from their dispatch to the end of their run. */
    RUNNING("running"),
    /** Attempts that began within a period, whichever window of that length one looks at. */
    STARTS("starts");

    private final String wire;

    LimitKind(String wire) {
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
    public static LimitKind fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), LimitKind::wire);
    }
}
