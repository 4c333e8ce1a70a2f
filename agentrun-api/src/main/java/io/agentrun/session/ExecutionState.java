package io.agentrun.session;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a session has something to do: {@code idle → running → terminal → running …}, driven by its turns.
 *
 * <p>Immutable.
 */
public enum ExecutionState {
    /** There was no turn yet. */
    IDLE("idle"),

    /** A turn is active. */
    RUNNING("running"),

    /** The last turn ended and none waits; a new turn makes it running again. */
    TERMINAL("terminal");

    private final String wire;

    ExecutionState(String wire) {
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
    public static ExecutionState fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), ExecutionState::wire);
    }
}
