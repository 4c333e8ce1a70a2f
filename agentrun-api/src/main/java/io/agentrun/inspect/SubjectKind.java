package io.agentrun.inspect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What kind of record an explanation is of.
 *
 * <p>Immutable.
 */
public enum SubjectKind {
    /** A queue task. */
    TASK("task"),
    /** A run. */
    RUN("run"),
    /** A command. */
    COMMAND("command"),
    /** A session. */
    SESSION("session");

    private final String wire;

    SubjectKind(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON. */
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
    public static SubjectKind fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), SubjectKind::wire);
    }
}
