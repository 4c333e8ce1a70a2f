package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which questions a list shows; every filter that is given must match. An inbox is {@code in(scope).withState(OPEN)}.
 *
 * <p>Make one with {@link #in} and the withers. Immutable.
 *
 * @param scope whose questions
 * @param sessionId only those of this session, null for any
 * @param runId only those of this run, null for any
 * @param state only those in this state, null for any
 * @param order the order of the list; {@code OLDEST} unless given
 * @param cursor the {@code nextCursor} of the page before, of the same query; null for the first page
 * @param limit how many items at most: 1 or more and at most the store's largest page (500 unless set otherwise); 50 unless given
 */
public record QuestionQuery(
        TenantScope scope,
        @Nullable String sessionId,
        @Nullable String runId,
        @Nullable QuestionState state,
        QuestionOrder order,
        @Nullable String cursor,
        int limit) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QuestionQuery {
        Require.given("scope", scope);
        Texts.idOrNull("sessionId", sessionId);
        Texts.idOrNull("runId", runId);
        Require.given("order", order);
        Texts.cursorOrNull("cursor", cursor);
        Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the query for the first 50 questions of the scope, in any state, the oldest first.
     *
     * @throws InvalidInputException when the scope is missing
     */
    public static QuestionQuery in(TenantScope scope) {
        return new QuestionQuery(scope, null, null, null, QuestionOrder.OLDEST, null, Limits.DEFAULT_PAGE);
    }

    /**
     * Returns a stable text of what this query asks for, cursor and limit aside. Audience: store authors, who bind cursors to it with
     * {@code io.agentrun.backend.Cursors}: a cursor of one query is refused by another.
     */
    public String fingerprint() {
        return String.join(
                "\n",
                part("tenant", scope.tenantId()),
                part("project", scope.projectId()),
                part("session", sessionId),
                part("run", runId),
                part("state", state == null ? null : state.wire()),
                part("order", order.name()));
    }

    private static String part(String name, @Nullable String value) {
        return value == null ? name : name + "=" + value;
    }

    /**
     * Returns the same query for another scope.
     *
     * @throws InvalidInputException when it is missing
     */
    public QuestionQuery withScope(TenantScope value) {
        return new QuestionQuery(value, sessionId, runId, state, order, cursor, limit);
    }

    /**
     * Returns the same query for the questions of this session, null for any.
     *
     * @throws InvalidInputException when it breaks the rule for ids
     */
    public QuestionQuery withSessionId(@Nullable String value) {
        return new QuestionQuery(scope, value, runId, state, order, cursor, limit);
    }

    /**
     * Returns the same query for the questions of this run, null for any.
     *
     * @throws InvalidInputException when it breaks the rule for ids
     */
    public QuestionQuery withRunId(@Nullable String value) {
        return new QuestionQuery(scope, sessionId, value, state, order, cursor, limit);
    }

    /** Returns the same query for questions in this state, null for any. */
    public QuestionQuery withState(@Nullable QuestionState value) {
        return new QuestionQuery(scope, sessionId, runId, value, order, cursor, limit);
    }

    /** Returns the same query in another order. */
    public QuestionQuery withOrder(QuestionOrder value) {
        return new QuestionQuery(scope, sessionId, runId, state, value, cursor, limit);
    }

    /**
     * Returns the same query for the page behind the cursor, null for the first.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QuestionQuery withCursor(@Nullable String value) {
        return new QuestionQuery(scope, sessionId, runId, state, order, value, limit);
    }

    /**
     * Returns the same query for pages of so many items.
     *
     * @throws InvalidInputException when it is less than 1
     */
    public QuestionQuery withLimit(int value) {
        return new QuestionQuery(scope, sessionId, runId, state, order, cursor, value);
    }
}
