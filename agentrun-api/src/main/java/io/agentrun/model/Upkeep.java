package io.agentrun.model;

import io.agentrun.check.Require;

/**
 * What one call of {@code AgentRunStore.upkeep} has done.
 *
 * <p>Immutable.
 *
 * @param feedsMarked whether it has noted how far the change feeds have come, for a server that takes over later
 * @param overdue how many tasks and runs it has ended, or asked to cancel, because a deadline was over
 */
public record Upkeep(boolean feedsMarked, int overdue) {

    /** There was nothing to do. */
    public static final Upkeep NOTHING = new Upkeep(false, 0);

    /** Checks that the number is not negative. */
    public Upkeep {
        Require.between("overdue", overdue, 0, Integer.MAX_VALUE);
    }

    /** Returns a copy with another number of overdue tasks and runs. */
    public Upkeep withOverdue(int overdue) {
        return new Upkeep(feedsMarked, overdue);
    }
}
