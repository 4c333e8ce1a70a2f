package io.agentrun.error;

/**
 * What the call named does not exist, or not where the call looked for it (a command of another run). Code
 * {@code not-found}, status 404, {@code schema-invalid}, not retryable.
 *
 * <p>Immutable.
 */
public final class NotFoundException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String id;

    /**
     * Says that a record is not there.
     *
     * @param what the kind of record in words: "run", "command", "session", "queue task"
     * @param id the id that the caller gave
     */
    public NotFoundException(String what, String id) {
        super(
                FailureKind.SCHEMA_INVALID,
                404,
                false,
                what + " " + id + " was not found",
                facts("what", what, "id", id),
                null);
        this.what = what;
        this.id = id;
    }

    /** Returns the kind of record that was looked for, in words: "run", "command", "session", "queue task". */
    public String what() {
        return what;
    }

    /** Returns the id that the caller gave. */
    public String id() {
        return id;
    }

    /** Returns {@code not-found}. */
    @Override
    public String code() {
        return "not-found";
    }
}
