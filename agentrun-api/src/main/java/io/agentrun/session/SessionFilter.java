package io.agentrun.session;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions a list shows.
 *
 * <p>Immutable.
 */
public enum SessionFilter {
    /**
     * Every session but the {@link ExecutionState#TERMINAL} ones that the reader has read; without a reader nothing
     * counts as read.
     */
    DEFAULT("default"),

    /** Every session. */
    ALL("all"),

    /** Those that had no turn yet. */
    IDLE("idle"),

    /** Those with an active turn. */
    RUNNING("running"),

    /** Those whose last turn ended, read or not. */
    TERMINAL("terminal"),

    /** Those that changed since the reader marked them; without a reader, every session. */
    UNREAD("unread");

    private final String wire;

    SessionFilter(String wire) {
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
    public static SessionFilter fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), SessionFilter::wire);
    }
}
