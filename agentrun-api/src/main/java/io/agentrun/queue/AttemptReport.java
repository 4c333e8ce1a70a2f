package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What a host that dispatches by itself reports of an attempt: that it began, how it goes, or how it ended.
 *
 * <p>Immutable.
 *
 * @param taskId the task
 * @param attempt which attempt, 1 or more
 * @param attemptId the host's name of it: what tells a repeated report from another attempt
 * @param state running, or how it ended; never pending
 * @param outcome how it ended: of the same status as the state, and null while it is running. Completed and cancelled
 *     may leave it out.
 * @param details what is to be kept beside the attempt; replaces what is stored
 * @param sessionPath where the host has the session of this attempt (1..500 characters), null to leave it as it is
 */
public record AttemptReport(
        String taskId,
        int attempt,
        String attemptId,
        TaskState state,
        @Nullable Outcome outcome,
        JsonObject details,
        @Nullable String sessionPath) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public AttemptReport {
        taskId = Texts.id("taskId", taskId);
        attempt = Require.between("attempt", attempt, 1, Integer.MAX_VALUE);
        attemptId = Texts.id("attemptId", attemptId);
        state = Require.given("state", state);
        details = Require.given("details", details);
        sessionPath = sessionPath == null ? null : Texts.title("sessionPath", sessionPath);
        outcome = matching(state, outcome);
    }

    /**
     * Returns the report that an attempt has begun or goes on.
     *
     * @throws InvalidInputException when a component is missing or out of its bounds
     */
    public static AttemptReport running(String taskId, int attempt, String attemptId) {
        return new AttemptReport(taskId, attempt, attemptId, TaskState.RUNNING, null, JsonObject.empty(), null);
    }

    /**
     * Returns the report that an attempt ended so.
     *
     * @throws InvalidInputException when a component is missing or out of its bounds
     */
    public static AttemptReport ended(String taskId, int attempt, String attemptId, Outcome outcome) {
        TaskState state = TaskState.of(Require.given("outcome", outcome).status());
        return new AttemptReport(taskId, attempt, attemptId, state, outcome, JsonObject.empty(), null);
    }

    private static @Nullable Outcome matching(TaskState state, @Nullable Outcome outcome) {
        if (outcome != null && (!state.terminal() || TaskState.of(outcome.status()) != state)) {
            throw new InvalidInputException("outcome", "must be of the reported state, " + state.wire());
        }
        return switch (state) {
            case PENDING -> throw new InvalidInputException("state", "must not be pending");
            case RUNNING -> null;
            case COMPLETED -> outcome == null ? Outcome.completed() : outcome;
            case CANCELLED -> outcome == null ? Outcome.cancelled("the attempt was cancelled") : outcome;
            case FAILED, BLOCKED -> Require.given("outcome", outcome);
        };
    }

    /**
     * Returns a copy with another {@code details}: what is to be kept beside the attempt; replaces what is stored.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public AttemptReport withDetails(JsonObject details) {
        return new AttemptReport(taskId, attempt, attemptId, state, outcome, details, sessionPath);
    }

    /**
     * Returns a copy with another {@code sessionPath}: where the host has the session of this attempt (1..500
     * characters), null to leave it as it is.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public AttemptReport withSessionPath(@Nullable String sessionPath) {
        return new AttemptReport(taskId, attempt, attemptId, state, outcome, details, sessionPath);
    }
}
