package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * What a runner reports when it finishes a command or a run: the outcome, and where the backend's conversation stands.
 *
 * <p>Immutable.
 *
 * @param outcome how it ended
 * @param threadId the backend's thread, stored with the session so that the next run can go on with it; null leaves the
 *     session's as it is
 * @param turnId the backend's turn, for the event only
 */
public record TurnResult(
        Outcome outcome,
        @Nullable String threadId,
        @Nullable String turnId) {

    public TurnResult {
        Require.given("outcome", outcome);
        Texts.idOrNull("threadId", threadId);
        Texts.idOrNull("turnId", turnId);
    }

    /** Returns a result without thread and turn. */
    public static TurnResult of(Outcome outcome) {
        return new TurnResult(outcome, null, null);
    }

    /** Returns the same outcome with the given thread and turn; null for either is none. */
    public TurnResult withThread(@Nullable String otherThreadId, @Nullable String otherTurnId) {
        return new TurnResult(outcome, otherThreadId, otherTurnId);
    }
}
