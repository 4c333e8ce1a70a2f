package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions to list. The order is: changed last first, then by id.
 *
 * <p>Immutable.
 *
 * @param scope whose sessions
 * @param filter which of them
 * @param backendProfile only those of this backend, null for any
 * @param readerId whose marks decide what is read, null for nobody's
 * @param cursor the {@code nextCursor} of the page before, of the same query; null for the first page
 * @param limit how many items at most: 1 or more and at most the store's largest page (500 unless set otherwise); 50
 *     unless given
 */
public record SessionQuery(
        TenantScope scope,
        SessionFilter filter,
        @Nullable BackendProfile backendProfile,
        @Nullable String readerId,
        @Nullable String cursor,
        int limit) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionQuery {
        scope = Require.given("scope", scope);
        filter = Require.given("filter", filter);
        readerId = Texts.idOrNull("readerId", readerId);
        cursor = Texts.cursorOrNull("cursor", cursor);
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the query for the first 50 sessions that {@link SessionFilter#DEFAULT} shows.
     *
     * @throws InvalidInputException when the scope is missing
     */
    public static SessionQuery in(TenantScope scope) {
        return new SessionQuery(scope, SessionFilter.DEFAULT, null, null, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns a stable text of what this query asks for, cursor and limit aside. Audience: store authors, who bind
     * cursors to it with {@code io.agentrun.backend.Cursors}: a cursor of one query is refused by another.
     */
    public String fingerprint() {
        return String.join(
                "\n",
                part("tenant", scope.tenantId()),
                part("project", scope.projectId()),
                part("filter", filter.wire()),
                part("backend", backendProfile == null ? null : backendProfile.wire()),
                part("reader", readerId));
    }

    private static String part(String name, @Nullable String value) {
        return value == null ? name : name + "=" + value;
    }

    /**
     * Returns a copy with another {@code scope}: whose sessions.
     *
     * @throws InvalidInputException when it is missing
     */
    public SessionQuery withScope(TenantScope scope) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code filter}: which of them.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public SessionQuery withFilter(SessionFilter filter) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }

    /** Returns a copy with another {@code backendProfile}: only those of this backend, null for any. */
    public SessionQuery withBackendProfile(@Nullable BackendProfile backendProfile) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code readerId}: whose marks decide what is read, null for nobody's.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionQuery withReaderId(@Nullable String readerId) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code cursor}: the {@code nextCursor} of the page before, of the same query; null
     * for the first page.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionQuery withCursor(@Nullable String cursor) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }

    /**
     * Returns a copy with another {@code limit}: how many items at most: 1 or more and at most the store's largest page
     * (500 unless set otherwise); 50 unless given.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public SessionQuery withLimit(int limit) {
        return new SessionQuery(scope, filter, backendProfile, readerId, cursor, limit);
    }
}
