package io.agentrun.storage;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Why a volume is taken away.
 *
 * <p>Immutable.
 */
public enum EvictionCause {
    /** The session's time is over; this is checked once more when the eviction begins. */
    EXPIRED("expired"),

    /** Somebody asked for it; the expiry does not matter. */
    REQUESTED("requested");

    private final String wire;

    EvictionCause(String wire) {
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
    public static EvictionCause fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), EvictionCause::wire);
    }
}
