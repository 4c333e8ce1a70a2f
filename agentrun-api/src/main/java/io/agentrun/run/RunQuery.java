package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which runs a list shows; every filter that is given must match. The order is: newest first, then id from high to low.
 *
 * <p>Make one with {@link #in} and the withers. Immutable.
 *
 * @param scope whose runs
 * @param status only runs in this status; null for any
 * @param sessionId only runs of this session; null for any
 * @param backendProfile only runs for this backend; null for any
 * @param cursor where the page before ended, as {@code nextCursor} gave it; null for the first page
 * @param limit the most runs in the page, 1 to the store's {@code maxPage}; 50 unless given
 */
public record RunQuery(
        TenantScope scope,
        @Nullable RunStatus status,
        @Nullable String sessionId,
        @Nullable BackendProfile backendProfile,
        @Nullable String cursor,
        int limit) {

    public RunQuery {
        Require.given("scope", scope);
        Texts.idOrNull("sessionId", sessionId);
        Texts.cursorOrNull("cursor", cursor);
        Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /** Returns the first 50 runs in the given scope, without a filter. */
    public static RunQuery in(TenantScope scope) {
        return new RunQuery(scope, null, null, null, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns a stable text of what this query asks for, cursor and limit aside. Audience: store authors, who bind
     * cursors to it with {@code io.agentrun.backend.Cursors}: a cursor of one query is refused by another.
     */
    public String fingerprint() {
        return String.join(
                "\n",
                scope.fingerprint(),
                part("status", status == null ? null : status.wire()),
                part("session", sessionId),
                part("profile", backendProfile == null ? null : backendProfile.wire()));
    }

    private static String part(String name, @Nullable String value) {
        return value == null ? name : name + "=" + value;
    }

    /** Returns the same query for the runs of another scope. */
    public RunQuery withScope(TenantScope value) {
        return new RunQuery(value, status, sessionId, backendProfile, cursor, limit);
    }

    /** Returns the same query for runs in this status only; null for any. */
    public RunQuery withStatus(@Nullable RunStatus value) {
        return new RunQuery(scope, value, sessionId, backendProfile, cursor, limit);
    }

    /** Returns the same query for runs of this session only; null for any. */
    public RunQuery withSessionId(@Nullable String value) {
        return new RunQuery(scope, status, value, backendProfile, cursor, limit);
    }

    /** Returns the same query for runs of this backend only; null for any. */
    public RunQuery withBackendProfile(@Nullable BackendProfile value) {
        return new RunQuery(scope, status, sessionId, value, cursor, limit);
    }

    /** Returns the same query for the page after the one that gave this cursor; null for the first page. */
    public RunQuery withCursor(@Nullable String value) {
        return new RunQuery(scope, status, sessionId, backendProfile, value, limit);
    }

    /** Returns the same query with another length of page. */
    public RunQuery withLimit(int value) {
        return new RunQuery(scope, status, sessionId, backendProfile, cursor, value);
    }
}
