package io.agentrun.run;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.model.TerminalStatus;

/**
 * Where a run stands: {@code pending → claimed → running}, back to {@code pending} by release or recovery, to {@code waiting} by a park
 * and from there to {@code pending}, and from any of these to one of the four ends.
 *
 * <p>Immutable.
 */
public enum RunStatus {
    /** No runner holds it. */
    PENDING("pending"),
    /** A runner holds it under lease and has acknowledged no turn yet. */
    CLAIMED("claimed"),
    /** The runner that holds it has acknowledged a turn. */
    RUNNING("running"),
    /** Its runner parked it: nobody holds it until its questions have ended; then it is pending. */
    WAITING("waiting"),
    /** It did what it was asked to. Terminal. */
    COMPLETED("completed"),
    /** It could not. Terminal. */
    FAILED("failed"),
    /** It cannot go on without somebody else. Terminal. */
    BLOCKED("blocked"),
    /** Somebody asked for the end. Terminal. */
    CANCELLED("cancelled");

    private final String wire;

    RunStatus(String wire) {
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
            case PENDING, CLAIMED, RUNNING, WAITING -> false;
            case COMPLETED, FAILED, BLOCKED, CANCELLED -> true;
        };
    }

    /** Returns whether a runner holds a run in this status. */
    public boolean leased() {
        return switch (this) {
            case CLAIMED, RUNNING -> true;
            case PENDING, WAITING, COMPLETED, FAILED, BLOCKED, CANCELLED -> false;
        };
    }

    /** Returns the status of a run that ended so. */
    public static RunStatus of(TerminalStatus end) {
        return switch (end) {
            case COMPLETED -> COMPLETED;
            case FAILED -> FAILED;
            case BLOCKED -> BLOCKED;
            case CANCELLED -> CANCELLED;
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static RunStatus fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), RunStatus::wire);
    }
}
