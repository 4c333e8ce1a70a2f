package io.agentrun.lease;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What a recovery did with a run.
 *
 * <p>Immutable.
 */
public enum RecoveryOutcome {
    /** The run is pending again, at its next attempt. */
    REQUEUED("requeued"),
    /** No attempt was left: the run has failed with {@code runner-lost}. */
    FAILED("failed"),
    /** A cancel had been asked for: the run is cancelled. */
    CANCELLED("cancelled"),
    /** Nobody had claimed the run in its time: it is cancelled with {@code unclaimed}, and its task is due again or blocked. */
    UNCLAIMED("unclaimed"),
    /** Nothing was done: the epoch is over, the lease is alive again, or the run has ended. */
    NOT_NEEDED("not-needed"),
    /** Nothing was done: another transaction has the run locked, or a record of it cannot be read. A later call finds it. */
    PASSED_OVER("passed-over");

    private final String wire;

    RecoveryOutcome(String wire) {
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
    public static RecoveryOutcome fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), RecoveryOutcome::wire);
    }
}
