package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which schedules to list, by tenant, project and name.
 *
 * <p>Immutable.
 *
 * @param scope whose schedules
 * @param cursor the {@code nextCursor} of the page before, of the same query; null for the first page
 * @param limit how many items at most: 1 or more and at most the store's largest page (500 unless set otherwise); 50 unless given
 */
public record ScheduleQuery(TenantScope scope, @Nullable String cursor, int limit) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public ScheduleQuery {
        scope = Require.given("scope", scope);
        cursor = Texts.cursorOrNull("cursor", cursor);
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the query for the first 50 schedules of the scope.
     *
     * @throws InvalidInputException when the scope is missing
     */
    public static ScheduleQuery in(TenantScope scope) {
        return new ScheduleQuery(scope, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns a copy for the schedules of another scope.
     *
     * @throws InvalidInputException when it is missing
     */
    public ScheduleQuery withScope(TenantScope scope) {
        return new ScheduleQuery(scope, cursor, limit);
    }

    /**
     * Returns a copy that goes on behind the page with this {@code nextCursor}; null for the first page.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public ScheduleQuery withCursor(@Nullable String cursor) {
        return new ScheduleQuery(scope, cursor, limit);
    }

    /**
     * Returns a copy with another number of items.
     *
     * @throws InvalidInputException when it is less than 1
     */
    public ScheduleQuery withLimit(int limit) {
        return new ScheduleQuery(scope, cursor, limit);
    }
}
