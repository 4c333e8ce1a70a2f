package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;

/**
 * Which expired leases, or which runs that nobody has claimed in their time, are looked for. Make one with {@link #in}.
 *
 * <p>Immutable.
 *
 * @param scope whose runs
 * @param limit the most leases or runs, 1 to the store's {@code maxPage}; 50 unless given
 */
public record ExpiredQuery(TenantScope scope, int limit) {

    public ExpiredQuery {
        Require.given("scope", scope);
        Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /** Returns at most 50 expired leases in the given scope. */
    public static ExpiredQuery in(TenantScope scope) {
        return new ExpiredQuery(scope, Limits.DEFAULT_PAGE);
    }

    /** Returns the same query with another limit. */
    public ExpiredQuery withLimit(int value) {
        return new ExpiredQuery(scope, value);
    }
}
