package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.RecoveryOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What was done about one run whose lease had run out, or whose Job ended before the run was claimed.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param outcome what was done
 * @param recovery what the store did with the run, null unless it was recovered
 * @param detail more about it, for people; null when there is nothing to say
 */
public record Rescue(
        String runId,
        Outcome outcome,
        @Nullable RecoveryOutcome recovery,
        @Nullable String detail) {

    /** What was done. Immutable. */
    public enum Outcome {
        /**
         * The cluster has no runner of it any more, and the store has recovered it; one that was never claimed has ended as
         * failed.
         */
        RECOVERED,
        /** A Job of it was still there and was deleted; the next pass sees whether its pods have ended. */
        STOPPED_JOB,
        /** A pod of it may still run: the run is given to nobody yet. */
        WAITING_FOR_POD,
        /** Its lease is alive again, or it has ended. */
        NOT_NEEDED,
        /** Store or cluster refused or could not be asked: the run is given to nobody yet. */
        FAILED;

        /** Returns whether nothing is left to be done about the run. */
        boolean settled() {
            return switch (this) {
                case RECOVERED, NOT_NEEDED -> true;
                case STOPPED_JOB, WAITING_FOR_POD, FAILED -> false;
            };
        }
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public Rescue {
        runId = Require.given("runId", runId);
        outcome = Require.given("outcome", outcome);
    }
}
