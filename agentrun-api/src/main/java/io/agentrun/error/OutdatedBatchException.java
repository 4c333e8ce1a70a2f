package io.agentrun.error;

/**
 * A numbered batch of events is not newer than the last one of its epoch, and is not that one repeated: its number is lower,
 * or it is the same with other events. Code {@code outdated-batch}, status 409, {@code schema-invalid}, not retryable. Nothing
 * was appended.
 *
 * <p>Immutable.
 */
public final class OutdatedBatchException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String runId;
    private final long number;
    private final long lastNumber;

    /**
     * Says that a batch is not newer than the last one.
     *
     * @param runId the run that the events were for
     * @param number the number of the batch
     * @param lastNumber the number of the last batch that was appended in this epoch
     */
    public OutdatedBatchException(String runId, long number, long lastNumber) {
        super(
                FailureKind.SCHEMA_INVALID,
                false,
                number == lastNumber
                        ? "batch " + number + " of run " + runId + " was appended with other events"
                        : "batch " + number + " of run " + runId + " comes after batch " + lastNumber,
                facts("runId", runId, "number", number, "lastNumber", lastNumber));
        this.runId = runId;
        this.number = number;
        this.lastNumber = lastNumber;
    }

    /** Returns the run that the events were for. */
    public String runId() {
        return runId;
    }

    /** Returns the number of the batch that was refused. */
    public long number() {
        return number;
    }

    /** Returns the number of the last batch that was appended in this epoch. */
    public long lastNumber() {
        return lastNumber;
    }

    /** Returns {@code outdated-batch}. */
    @Override
    public String code() {
        return "outdated-batch";
    }
}
