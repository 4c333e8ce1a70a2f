package io.agentrun.run;

import io.agentrun.check.Require;

/**
 * What one call of {@code purge} did.
 *
 * <p>Immutable.
 *
 * @param purged how many records it deleted
 * @param more whether the call stopped at its limit and left at least one record that it would have deleted
 */
public record PurgeResult(int purged, boolean more) {

    public PurgeResult {
        Require.between("purged", purged, 0, Integer.MAX_VALUE);
    }
}
