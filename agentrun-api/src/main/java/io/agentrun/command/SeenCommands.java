package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.lease.Fence;
import java.util.Set;

/**
 * What the holder of a lease knows of its run, so that a waiting call answers with news alone.
 *
 * <p>Commands are remembered by id, not by the highest number: a turn that waited becomes deliverable later than its number says. One
 * that is acknowledged need not be remembered.
 *
 * <p>Immutable.
 *
 * @param fence the lease
 * @param commandIds pending commands that were delivered already
 * @param cancelRequested whether the holder knows that a cancel was asked for
 */
public record SeenCommands(Fence fence, Set<String> commandIds, boolean cancelRequested) {

    /**
     * Checks and copies what is given.
     *
     * @throws io.agentrun.error.InvalidInputException if the fence, the set or one of its ids is null
     */
    public SeenCommands {
        Require.given("fence", fence);
        Require.given("commandIds", commandIds).forEach(id -> Require.given("commandIds[]", id));
        commandIds = Set.copyOf(commandIds);
    }

    /** Returns what a holder knows that has seen nothing yet. */
    public static SeenCommands nothing(Fence fence) {
        return new SeenCommands(fence, Set.of(), false);
    }
}
