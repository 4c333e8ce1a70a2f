package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks to list. The order is: highest priority first, then oldest, then by id.
 *
 * <p>Immutable.
 *
 * @param scope whose tasks
 * @param queue only those of this queue, null for any
 * @param lane only those of this lane, null for any
 * @param state only those in this state, null for any
 * @param cursor the {@code nextCursor} of the page before, of the same query; null for the first page
 * @param limit how many items at most: 1 or more and at most the store's largest page (500 unless set otherwise); 50
 *     unless given
 */
public record QueueQuery(
        TenantScope scope,
        @Nullable String queue,
        @Nullable String lane,
        @Nullable TaskState state,
        @Nullable String cursor,
        int limit) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QueueQuery {
        scope = Require.given("scope", scope);
        queue = Texts.labelOrNull("queue", queue);
        lane = Texts.labelOrNull("lane", lane);
        cursor = Texts.cursorOrNull("cursor", cursor);
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the query for the first 50 tasks of the scope, in whatever queue and state.
     *
     * @throws InvalidInputException when the scope is missing
     */
    public static QueueQuery in(TenantScope scope) {
        return new QueueQuery(scope, null, null, null, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns the query for the first 50 tasks of the queue, of all tenants and in any state.
     *
     * @throws InvalidInputException when the queue is not named by 1 to 200 plain characters
     */
    public static QueueQuery inQueue(String queue) {
        return in(TenantScope.all()).withQueue(Require.given("queue", queue));
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
                part("queue", queue),
                part("lane", lane),
                part("state", state == null ? null : state.wire()));
    }

    private static String part(String name, @Nullable String value) {
        return value == null ? name : name + "=" + value;
    }

    /**
     * Returns a copy with another {@code scope}: whose tasks.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public QueueQuery withScope(TenantScope scope) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }

    /**
     * Returns a copy with another {@code queue}: only those of this queue, null for any.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QueueQuery withQueue(@Nullable String queue) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }

    /**
     * Returns a copy with another {@code lane}: only those of this lane, null for any.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QueueQuery withLane(@Nullable String lane) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }

    /** Returns a copy with another {@code state}: only those in this state, null for any. */
    public QueueQuery withState(@Nullable TaskState state) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }

    /**
     * Returns a copy with another {@code cursor}: the {@code nextCursor} of the page before, of the same query; null
     * for the first page.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QueueQuery withCursor(@Nullable String cursor) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }

    /**
     * Returns a copy with another {@code limit}: how many items at most: 1 or more and at most the store's largest page
     * (500 unless set otherwise); 50 unless given.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QueueQuery withLimit(int limit) {
        return new QueueQuery(scope, queue, lane, state, cursor, limit);
    }
}
