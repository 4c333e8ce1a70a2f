package io.agentrun.run;

import io.agentrun.Require;

/**
 * What one call of {@code purge} did.
 *
 * <p>Immutable.
 *
 * @param purged how many runs it deleted
 * @param more whether the limit was reached, so that another call may find more
 */
public record PurgeResult(int purged, boolean more) {

    public PurgeResult {
        Require.between("purged", purged, 0, Integer.MAX_VALUE);
    }
}
