package io.agentrun.command;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What becomes of a new turn while another turn of the session (or of the run, if it has no session) is open.
 *
 * <p>Immutable.
 */
public enum OnBusy {
    /** It waits, and becomes the active turn when those before it have ended. The default. */
    ENQUEUE("enqueue"),
    /** It is refused with {@code SessionBusyException}. */
    REJECT("reject"),
    /** It waits, and the active turn is cancelled if it is pending, or interrupted if a runner has it. */
    INTERRUPT("interrupt");

    private final String wire;

    OnBusy(String wire) {
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
    public static OnBusy fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), OnBusy::wire);
    }
}
