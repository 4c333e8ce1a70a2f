package io.agentrun.lease;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What a runner must know about the run it holds.
 *
 * <p>Immutable.
 */
public enum LeaseSignal {
    /** The lease stands: go on. */
    CONTINUE("continue"),
    /** The lease stands, and somebody asked for the end: stop the work and finish the run. */
    CANCEL_REQUESTED("cancel-requested"),
    /** Another epoch has begun: stop at once; nothing more can be written. */
    LEASE_LOST("lease-lost"),
    /** The run has ended in this epoch: nothing is left to do. */
    ENDED("ended");

    private final String wire;

    LeaseSignal(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in the database. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /** Returns whether the lease still stands, so that the runner may write. */
    public boolean holds() {
        return switch (this) {
            case CONTINUE, CANCEL_REQUESTED -> true;
            case LEASE_LOST, ENDED -> false;
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static LeaseSignal fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), LeaseSignal::wire);
    }
}
