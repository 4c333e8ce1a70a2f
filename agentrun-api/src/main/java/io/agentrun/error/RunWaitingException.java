package io.agentrun.error;

/**
 * The run is parked: nobody can claim it before its questions have ended. Code {@code run-waiting}, status 409, {@code schema-invalid},
 * retryable.
 *
 * <p>Immutable.
 */
public final class RunWaitingException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String runId;

    /**
     * Says that a run waits for answers.
     *
     * @param runId the run
     */
    public RunWaitingException(String runId) {
        super(FailureKind.SCHEMA_INVALID, true, "run " + runId + " waits for answers", facts("runId", runId));
        this.runId = runId;
    }

    /** Returns the run that waits. */
    public String runId() {
        return runId;
    }

    /** Returns {@code run-waiting}. */
    @Override
    public String code() {
        return "run-waiting";
    }
}
