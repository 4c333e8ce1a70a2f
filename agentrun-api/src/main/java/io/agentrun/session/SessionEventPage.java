package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.RunEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of one run of a session, from the oldest.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param runId the run that the events are of, null when the session has no run yet
 * @param items the events, by their sequence number
 * @param cursor where the next page begins, also after an empty page; null only without a run
 * @param ended whether the run is terminal and nothing comes after this page
 */
public record SessionEventPage(
        String sessionId,
        @Nullable String runId,
        List<RunEvent> items,
        @Nullable String cursor,
        boolean ended) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionEventPage {
        sessionId = Require.given("sessionId", sessionId);
        items = Require.items("items", items);
    }

    /** Returns the page of a session that has no run yet: empty, without a cursor, not ended. */
    public static SessionEventPage withoutRun(String sessionId) {
        return new SessionEventPage(sessionId, null, List.of(), null, false);
    }
}
