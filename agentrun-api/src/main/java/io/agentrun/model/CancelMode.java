package io.agentrun.model;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What a cancel does to a run that a runner holds. A pending run is cancelled at once in either mode.
 *
 * <p>Immutable.
 */
public enum CancelMode {
    /** The runner is asked, and the run ends when it confirms or when its lease ends. The default. */
    GRACEFUL("graceful"),
    /** The run ends at once; the epoch moves on, so that the runner can write nothing more. */
    FORCE("force");

    private final String wire;

    CancelMode(String wire) {
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
    public static CancelMode fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), CancelMode::wire);
    }
}
