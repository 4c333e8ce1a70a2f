package io.agentrun.queue;

import io.agentrun.check.Require;
import org.jspecify.annotations.Nullable;

/**
 * What one step of a cancel of many tasks has done.
 *
 * <p>Immutable.
 *
 * @param cancelled how many are cancelled now
 * @param asked how many still run, and are asked to cancel: their runners hold their runs
 * @param left how many it could not cancel, because others changed or held them all the while, or a record cannot be read
 * @param nextCursor where the next step goes on, null if there is no more
 */
public record CancelledTasks(
        int cancelled, int asked, int left, @Nullable String nextCursor) {

    public CancelledTasks {
        Require.between("cancelled", cancelled, 0, Integer.MAX_VALUE);
        Require.between("asked", asked, 0, Integer.MAX_VALUE);
        Require.between("left", left, 0, Integer.MAX_VALUE);
    }
}
