package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a session's run to read, from the oldest.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param runId the run; null for the session's active run, or its last one when none is active
 * @param cursor the cursor of the page before; it carries its run, which a {@code runId} given beside it must equal
 * @param limit how many items at most: 1 or more and at most the store's largest page (500 unless set otherwise); 50
 *     unless given
 */
public record SessionTraceQuery(
        String sessionId, @Nullable String runId, @Nullable String cursor, int limit) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionTraceQuery {
        sessionId = Texts.id("sessionId", sessionId);
        runId = Texts.idOrNull("runId", runId);
        cursor = Texts.cursorOrNull("cursor", cursor);
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the query for the first 50 events of the session's active, or else last, run.
     *
     * @throws InvalidInputException when the id is not one of 1 to 200 plain characters
     */
    public static SessionTraceQuery of(String sessionId) {
        return new SessionTraceQuery(sessionId, null, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns a copy with another {@code runId}: the run; null for the session's active run, or its last one when none
     * is active.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionTraceQuery withRunId(@Nullable String runId) {
        return new SessionTraceQuery(sessionId, runId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code cursor}: the cursor of the page before; it carries its run, which a
     * {@code runId} given beside it must equal.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionTraceQuery withCursor(@Nullable String cursor) {
        return new SessionTraceQuery(sessionId, runId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code limit}: how many items at most: 1 or more and at most the store's largest page
     * (500 unless set otherwise); 50 unless given.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionTraceQuery withLimit(int limit) {
        return new SessionTraceQuery(sessionId, runId, cursor, limit);
    }
}
