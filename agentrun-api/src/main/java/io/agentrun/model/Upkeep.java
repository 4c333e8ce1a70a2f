package io.agentrun.model;

/**
 * What one call of {@code AgentRunStore.upkeep} has done.
 *
 * <p>Immutable.
 *
 * @param feedsMarked whether it has noted how far the change feeds have come, for a server that takes over later
 * @param questionsExpired how many questions it has ended because their time was over; call it again if they are 500
 */
public record Upkeep(boolean feedsMarked, int questionsExpired) {

    /** There was nothing to do. */
    public static final Upkeep NOTHING = new Upkeep(false, 0);

    /** Returns the same with so many ended questions. */
    public Upkeep withQuestionsExpired(int value) {
        return new Upkeep(feedsMarked, value);
    }
}
