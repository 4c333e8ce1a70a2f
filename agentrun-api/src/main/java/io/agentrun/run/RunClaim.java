package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Who may write to a run: its epoch, the lease if a runner holds it, and the attempts.
 *
 * <p>Immutable.
 *
 * @param epoch 0 for a run that was never claimed; a new claim, a release, a recovery and an end that is not the holder's
 *     own each begin the next one
 * @param generation how often the run was given back, by a release or a recovery; claims leave it, so that whoever starts
 *     a process for the run can tell whether that of an earlier start is still the one
 * @param lease the lease of the present holder, of the same epoch; given exactly while the run is claimed or running
 * @param attempts how often the run was begun
 */
public record RunClaim(
        long epoch, long generation, @Nullable Lease lease, RunAttempts attempts) {

    /**
     * Checks the parts against each other.
     *
     * @throws InvalidInputException if the epoch or the generation is negative or the lease is of another epoch
     */
    public RunClaim {
        Require.between("epoch", epoch, 0, Long.MAX_VALUE);
        Require.between("generation", generation, 0, Long.MAX_VALUE);
        Require.given("attempts", attempts);
        if (lease != null && lease.epoch() != epoch) {
            throw new InvalidInputException("lease", "must be of the run's epoch");
        }
    }

    /** Returns the claim of a new run, which may be begun the given number of times (1 to 100). */
    public static RunClaim none(int maxAttempts) {
        return new RunClaim(0, 0, null, RunAttempts.first(maxAttempts));
    }
}
