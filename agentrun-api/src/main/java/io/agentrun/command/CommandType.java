package io.agentrun.command;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What a command asks for.
 *
 * <p>Immutable.
 */
public enum CommandType {
    /** Work for the agent. */
    TURN("turn"),
    /** More input for the turn that is active. */
    STEER("steer"),
    /** The end of the turn that is active. */
    INTERRUPT("interrupt"),
    /** What became of a question of the turn that is active; the store alone creates it. */
    ANSWER("answer");

    private final String wire;

    CommandType(String wire) {
        this.wire = wire;
    }

    /** Returns whether a command of this type is for the turn that is active, and ends with it. */
    public boolean boundToTurn() {
        return this != TURN;
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
    public static CommandType fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), CommandType::wire);
    }
}
