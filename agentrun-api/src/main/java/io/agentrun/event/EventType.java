package io.agentrun.event;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What an event tells.
 *
 * <p>Immutable.
 */
public enum EventType {
    /** Something about the run itself, named by {@code phase}; the store writes these, runners and hosts may. */
    BACKEND_STATUS("backend_status"),
    /** Text of the agent. */
    ASSISTANT_MESSAGE("assistant_message"),
    /** The agent used a tool. */
    TOOL_CALL("tool_call"),
    /** Output of a command that the agent ran. */
    COMMAND_OUTPUT("command_output"),
    /** A change of files. */
    DIFF("diff"),
    /** An error that a reader should see. */
    ERROR("error"),
    /** The agent has asked a question; written by the store alone. */
    QUESTION_ASKED("question_asked"),
    /** A question has ended, by an answer or otherwise; written by the store alone. */
    QUESTION_ANSWERED("question_answered"),
    /** How the run ended; always its last event, written by the store alone. */
    TERMINAL_STATUS("terminal_status");

    private final String wire;

    EventType(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in the database. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /** Returns whether the store alone writes such events. */
    public boolean ofStore() {
        return switch (this) {
            case QUESTION_ASKED, QUESTION_ANSWERED, TERMINAL_STATUS -> true;
            case BACKEND_STATUS, ASSISTANT_MESSAGE, TOOL_CALL, COMMAND_OUTPUT, DIFF, ERROR -> false;
        };
    }

    /** Returns whether a reader of a session's output sees it: every type but {@code backend_status}. */
    public boolean output() {
        return switch (this) {
            case BACKEND_STATUS -> false;
            case ASSISTANT_MESSAGE,
                    TOOL_CALL,
                    COMMAND_OUTPUT,
                    DIFF,
                    ERROR,
                    QUESTION_ASKED,
                    QUESTION_ANSWERED,
                    TERMINAL_STATUS -> true;
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static EventType fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), EventType::wire);
    }
}
