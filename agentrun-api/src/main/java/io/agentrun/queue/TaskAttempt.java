package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a task: the last one is kept with the task.
 *
 * <p>Immutable.
 *
 * @param number 1 for the first
 * @param attemptId the name that the host gave it, null when the store dispatched it
 * @param runId its run, null when the host runs it by itself
 * @param commandId its turn, null when the host runs it by itself
 * @param outcome how it ended, null while it is under way
 * @param details what the host reported beside it
 * @param startedAt when it began
 * @param endedAt when it ended, null while it is under way
 * @param unclaimed how many of the task's attempts, this one among them, have ended because nobody claimed their run: they are not spent
 * @param unclaimedInRow how many of them were the last ones in a row; a claim of this attempt's run is noted here with its end
 * @param spentBefore how many of the task's attempts were spent when it was tried again after its end: they count no more
 */
public record TaskAttempt(
        int number,
        @Nullable String attemptId,
        @Nullable String runId,
        @Nullable String commandId,
        @Nullable Outcome outcome,
        JsonObject details,
        @AsText Instant startedAt,
        @AsText @Nullable Instant endedAt,
        int unclaimed,
        int unclaimedInRow,
        int spentBefore) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public TaskAttempt {
        details = Require.given("details", details);
        startedAt = Times.micros(Require.given("startedAt", startedAt));
        endedAt = Times.microsOrNull(endedAt);
        Require.between("unclaimed", unclaimed, 0, Integer.MAX_VALUE);
        Require.between("unclaimedInRow", unclaimedInRow, 0, unclaimed);
        Require.between("spentBefore", spentBefore, 0, Integer.MAX_VALUE);
    }

    /** Returns the attempt that a dispatch begins. */
    public static TaskAttempt dispatched(int number, String runId, String commandId, Instant now) {
        return new TaskAttempt(number, null, runId, commandId, null, JsonObject.empty(), now, null, 0, 0, 0);
    }

    /** Returns the attempt that a host begins by itself. */
    public static TaskAttempt reported(int number, String attemptId, JsonObject details, Instant now) {
        return new TaskAttempt(number, attemptId, null, null, null, details, now, null, 0, 0, 0);
    }

    /** Returns a copy that ended so, at the given time. */
    public TaskAttempt ended(Outcome outcome, Instant now) {
        return new TaskAttempt(
                number,
                attemptId,
                runId,
                commandId,
                outcome,
                details,
                startedAt,
                now,
                unclaimed,
                unclaimedInRow,
                spentBefore);
    }

    /**
     * Returns a copy with another {@code details}: what the host reported beside it.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public TaskAttempt withDetails(JsonObject details) {
        return new TaskAttempt(
                number,
                attemptId,
                runId,
                commandId,
                outcome,
                details,
                startedAt,
                endedAt,
                unclaimed,
                unclaimedInRow,
                spentBefore);
    }

    /**
     * Returns a copy with other counts of attempts that nobody claimed.
     *
     * @throws InvalidInputException when one is below 0, or more are in a row than there are
     */
    public TaskAttempt withUnclaimed(int all, int inRow) {
        return new TaskAttempt(
                number, attemptId, runId, commandId, outcome, details, startedAt, endedAt, all, inRow, spentBefore);
    }

    /**
     * Returns a copy with another number of attempts that count no more.
     *
     * @throws InvalidInputException when it is below 0
     */
    public TaskAttempt withSpentBefore(int spentBefore) {
        return new TaskAttempt(
                number,
                attemptId,
                runId,
                commandId,
                outcome,
                details,
                startedAt,
                endedAt,
                unclaimed,
                unclaimedInRow,
                spentBefore);
    }
}
