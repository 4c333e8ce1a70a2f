package io.agentrun.question;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * Where a question stands: {@code open → answered | expired | withdrawn}.
 *
 * <p>Immutable.
 */
public enum QuestionState {
    /** Nobody has answered it yet. */
    OPEN("open"),
    /** Somebody answered it, or its time ran out and what counts as the answer then was given with it. Terminal. */
    ANSWERED("answered"),
    /** Its time ran out without an answer. Terminal. */
    EXPIRED("expired"),
    /** The answer is not wanted any more: the host took the question back, or its turn or run has ended. Terminal. */
    WITHDRAWN("withdrawn");

    private final String wire;

    QuestionState(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in the database. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /** Returns whether this is an end; nothing leads out of it. */
    public boolean terminal() {
        return switch (this) {
            case OPEN -> false;
            case ANSWERED, EXPIRED, WITHDRAWN -> true;
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static QuestionState fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), QuestionState::wire);
    }
}
