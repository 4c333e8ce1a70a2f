package io.agentrun.error;

/**
 * A limit of the queue is full, so that a run that was parked cannot go on yet. Code {@code limit-full}, status 409,
 * {@code schema-invalid}, retryable.
 *
 * <p>Immutable.
 */
public final class LimitFullException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String runId;
    private final String value;

    /**
     * Says that a run must wait for a limit.
     *
     * @param runId the run
     * @param value for what the limit is full, in words: the text of its key
     */
    public LimitFullException(String runId, String value) {
        super(
                FailureKind.SCHEMA_INVALID,
                true,
                "run " + runId + ": the limit for " + value + " is full",
                facts("runId", runId, "value", value));
        this.runId = runId;
        this.value = value;
    }

    /** Returns the run that must wait. */
    public String runId() {
        return runId;
    }

    /** Returns for what the limit is full, in words. */
    public String value() {
        return value;
    }

    /** Returns {@code limit-full}. */
    @Override
    public String code() {
        return "limit-full";
    }
}
