package io.agentrun.model;

/**
 * What one call of {@code AgentRunStore.upkeep} has done.
 *
 * <p>Immutable.
 *
 * @param feedsMarked whether it has noted how far the change feeds have come, for a server that takes over later
 */
public record Upkeep(boolean feedsMarked) {

    /** There was nothing to do. */
    public static final Upkeep NOTHING = new Upkeep(false);
}
