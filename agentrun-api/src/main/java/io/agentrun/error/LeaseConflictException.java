package io.agentrun.error;

/**
 * The run is not the caller's to write to: its fence is of an epoch that is over or has another token than the claim of
 * that epoch, or another runner holds the lease. Code {@code lease-conflict}, status 409, {@code runner-lease-conflict}. It
 * never says who holds the lease.
 *
 * <p>A runner that gets it for a fence stops its work on the run at once: everything that it would still write belongs
 * to somebody else's attempt now.
 *
 * <p>Immutable.
 */
public final class LeaseConflictException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String runId;
    private final long epoch;

    private LeaseConflictException(String runId, long epoch, boolean retryable, String message) {
        super(FailureKind.RUNNER_LEASE_CONFLICT, retryable, message, facts("runId", runId, "epoch", epoch));
        this.runId = runId;
        this.epoch = epoch;
    }

    /** Returns the refusal of a write whose fence no longer holds; not retryable. */
    public static LeaseConflictException lost(String runId, long epoch) {
        return new LeaseConflictException(
                runId, epoch, false, "the lease of run " + runId + " with epoch " + epoch + " is over");
    }

    /**
     * Returns the refusal of a claim, or of a host's call that needs an unclaimed run, while a live lease of somebody else
     * stands;
     * retryable, because leases end. {@link #epoch()} is 0.
     */
    public static LeaseConflictException held(String runId) {
        return new LeaseConflictException(runId, 0, true, "run " + runId + " is leased by another runner");
    }

    /**
     * Returns the refusal of a claim of a run whose lease has run out and whose recovery would end it; not retryable, recover
     * the run.
     * {@link #epoch()} is 0.
     */
    public static LeaseConflictException unrecovered(String runId) {
        return new LeaseConflictException(
                runId,
                0,
                false,
                "run " + runId
                        + " cannot be claimed: its lease has run out, and recovering it would end it: recover it");
    }

    /**
     * Returns that a claim came for a run that is leased under the claimer's own id, has a turn that was begun, and would be ended by a
     * recovery; not retryable: its holder goes on. {@link #epoch()} is 0.
     */
    public static LeaseConflictException begun(String runId) {
        return new LeaseConflictException(
                runId,
                0,
                false,
                "run " + runId + " cannot be claimed again: a turn was begun, and recovering the run would end it");
    }

    /** Returns the run that the call was for. */
    public String runId() {
        return runId;
    }

    /** Returns the epoch that the caller's fence named; 0 where the call carried no fence. */
    public long epoch() {
        return epoch;
    }

    /** Returns {@code lease-conflict}. */
    @Override
    public String code() {
        return "lease-conflict";
    }
}
