package io.agentrun.error;

import org.jspecify.annotations.Nullable;

/**
 * The record has ended, and the call asks for something that only an open one can do. Code {@code already-terminal},
 * status 409, not retryable: an end is final. The failure kind is that of the record's outcome; without one
 * {@code cancelled} for a cancelled record, and {@code schema-invalid} otherwise.
 *
 * <p>Immutable.
 */
public final class AlreadyTerminalException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String id;
    private final String status;

    /**
     * Says that a record has ended.
     *
     * @param what the kind of record in words: "run", "command", "queue task"
     * @param id its id
     * @param status the wire string of its terminal status
     * @param failureKind the failure kind of its outcome, or null if it has none
     */
    public AlreadyTerminalException(String what, String id, String status, @Nullable FailureKind failureKind) {
        super(
                kind(status, failureKind),
                false,
                what + " " + id + " is already terminal: " + status,
                facts("what", what, "id", id, "status", status));
        this.what = what;
        this.id = id;
        this.status = status;
    }

    private static FailureKind kind(String status, @Nullable FailureKind failureKind) {
        if (failureKind != null) {
            return failureKind;
        }
        return status.equals("cancelled") ? FailureKind.CANCELLED : FailureKind.SCHEMA_INVALID;
    }

    /** Returns the kind of record, in words: "run", "command", "queue task". */
    public String what() {
        return what;
    }

    /** Returns the id of the record that has ended. */
    public String id() {
        return id;
    }

    /** Returns the wire string of the terminal status. */
    public String status() {
        return status;
    }

    /** Returns {@code already-terminal}. */
    @Override
    public String code() {
        return "already-terminal";
    }
}
