package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;

/**
 * What a runner shows with every write: the run, itself, and the epoch of its claim.
 *
 * <p>A fence holds while the run's epoch is this one and, if the run is leased, the lease is this runner's; on a run
 * without a lease it holds only if the run has ended in this epoch (so that a retry gets the stored record). That the
 * lease has run out does not break it; that somebody recovered the run does.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param runnerId the runner that claimed it
 * @param epoch the epoch of the claim, 1 or more
 */
public record Fence(String runId, String runnerId, long epoch) {

    public Fence {
        Texts.id("runId", runId);
        Texts.id("runnerId", runnerId);
        Require.between("epoch", epoch, 1, Long.MAX_VALUE);
    }
}
