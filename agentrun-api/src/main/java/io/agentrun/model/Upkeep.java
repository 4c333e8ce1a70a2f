package io.agentrun.model;

import io.agentrun.check.Require;

/**
 * What one call of {@code AgentRunStore.upkeep} has done.
 *
 * <p>Immutable.
 *
 * @param feedsMarked whether it has noted how far the change feeds have come, for a server that takes over later
 * @param overdue how many tasks and runs it has ended, or asked to cancel, because a deadline was over
 * @param questionsExpired how many questions it has ended because their time was over; call it again if they are 500
 */
public record Upkeep(boolean feedsMarked, int overdue, int questionsExpired) {

    /** There was nothing to do. */
    public static final Upkeep NOTHING = new Upkeep(false, 0, 0);

    /** Checks that the numbers are not negative. */
    public Upkeep {
        Require.between("overdue", overdue, 0, Integer.MAX_VALUE);
        Require.between("questionsExpired", questionsExpired, 0, Integer.MAX_VALUE);
    }

    /** Returns a copy with another number of overdue tasks and runs. */
    public Upkeep withOverdue(int overdue) {
        return new Upkeep(feedsMarked, overdue, questionsExpired);
    }

    /** Returns a copy with another number of ended questions. */
    public Upkeep withQuestionsExpired(int value) {
        return new Upkeep(feedsMarked, overdue, value);
    }
}
