package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A session beside what a reader has seen of it.
 *
 * <p>Immutable.
 *
 * @param session the session
 * @param readerId the reader who asked, null when nobody was named
 * @param readVersion the version that the reader has marked as read, 0 for none
 * @param unread whether the session has changed since; true when no reader was named
 */
public record SessionSummary(Session session, @Nullable String readerId, long readVersion, boolean unread) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionSummary {
        session = Require.given("session", session);
    }

    /**
     * Returns the summary for a reader who has read up to the given version, or for nobody: then the session is unread.
     */
    public static SessionSummary of(Session session, @Nullable String readerId, long readVersion) {
        return new SessionSummary(session, readerId, readVersion, readerId == null || session.version() > readVersion);
    }
}
