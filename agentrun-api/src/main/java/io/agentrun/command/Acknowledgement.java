package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.lease.Fence;

/**
 * That the holder of a fence has taken a command.
 *
 * <p>Immutable.
 *
 * @param fence the lease of the command's run
 * @param commandId the command
 */
public record Acknowledgement(Fence fence, String commandId) {

    /**
     * Checks that both are given.
     *
     * @throws io.agentrun.error.InvalidInputException if the fence is null or the id breaks the rule for ids
     */
    public Acknowledgement {
        Require.given("fence", fence);
        Texts.id("commandId", commandId);
    }
}
