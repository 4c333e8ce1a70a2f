package io.agentrun.command;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * Where a command stands: {@code pending → acknowledged → completed | failed | cancelled}; release and recovery of its run
 * make an acknowledged one pending again.
 *
 * <p>Immutable.
 */
public enum CommandState {
    /** No runner has taken it yet. */
    PENDING("pending"),
    /** The runner that holds the run has taken it. */
    ACKNOWLEDGED("acknowledged"),
    /** It was done. Terminal. */
    COMPLETED("completed"),
    /** It failed or was blocked; the outcome says which. Terminal. */
    FAILED("failed"),
    /** It was cancelled, or left over when its turn or run ended. Terminal. */
    CANCELLED("cancelled");

    private final String wire;

    CommandState(String wire) {
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
            case PENDING, ACKNOWLEDGED -> false;
            case COMPLETED, FAILED, CANCELLED -> true;
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static CommandState fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), CommandState::wire);
    }
}
