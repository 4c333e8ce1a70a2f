package io.agentrun.queue;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.TerminalStatus;
import org.jspecify.annotations.Nullable;

/**
 * Where a task stands: {@code pending → running → completed | failed | blocked | cancelled}, and from running back to
 * pending while attempts remain.
 *
 * <p>Immutable.
 */
public enum TaskState {
    /** It waits for its turn, its time or its session. */
    PENDING("pending"),

    /** An attempt is under way. */
    RUNNING("running"),

    /** It is done. */
    COMPLETED("completed"),

    /** Its last attempt failed and none remains. */
    FAILED("failed"),

    /** It cannot go on without somebody's help. */
    BLOCKED("blocked"),

    /** It was called off. */
    CANCELLED("cancelled");

    private final String wire;

    TaskState(String wire) {
        this.wire = wire;
    }

    /** Returns the string that stands for this value in JSON and in databases. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the value whose {@link #wire()} is given, letter for letter.
     *
     * @throws InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static TaskState fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), TaskState::wire);
    }

    /** Returns whether this is an end: nothing moves the task any more. */
    public boolean terminal() {
        return switch (this) {
            case PENDING, RUNNING -> false;
            case COMPLETED, FAILED, BLOCKED, CANCELLED -> true;
        };
    }

    /** Returns the state of a task that ended with the given status for good. */
    public static TaskState of(TerminalStatus status) {
        return switch (status) {
            case COMPLETED -> COMPLETED;
            case FAILED -> FAILED;
            case BLOCKED -> BLOCKED;
            case CANCELLED -> CANCELLED;
        };
    }
}
