package io.agentrun.model;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * How something ended. An end is final.
 *
 * <p>Immutable.
 */
public enum TerminalStatus {
    /** Returns the outcome that it did what it was asked to. */
    COMPLETED("completed"),
    /** It could not; a queue may try again. */
    FAILED("failed"),
    /** It cannot go on without somebody else; a queue does not try again. */
    BLOCKED("blocked"),
    /** Somebody asked for the end. */
    CANCELLED("cancelled");

    private final String wire;

    TerminalStatus(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in the database. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static TerminalStatus fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), TerminalStatus::wire);
    }
}
