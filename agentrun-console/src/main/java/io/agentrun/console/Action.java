package io.agentrun.console;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What may be done in the console beside reading.
 *
 * <p>Immutable.
 */
public enum Action {
    /** Asks for the end of a run or task: the runner decides when. */
    CANCEL("cancel"),
    /** Ends a run or task at once and keeps its runner out. */
    FORCE("force"),
    /** Says something to the active turn of a run. */
    STEER("steer"),
    /** Tries a task again that has ended. */
    RETRY("retry"),
    /** Answers a question of an agent. */
    ANSWER("answer"),
    /** Examines the whole store; of no use without an access to all tenants. */
    DOCTOR("doctor");

    private final String wire;

    Action(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON. */
    @JsonValue
    public String wire() {
        return wire;
    }
}
