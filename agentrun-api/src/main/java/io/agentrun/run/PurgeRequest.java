package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.TenantScope;
import java.time.Duration;

/**
 * Which records are to be deleted, and how many at once: ended runs, ended tasks, or sessions that are not in use.
 *
 * <p>Immutable.
 *
 * @param scope whose records
 * @param olderThan how long ago a run or task must have ended, or a session changed last, at least: 0 to 36500 days
 * @param limit the most records that one call deletes, 1 to 1000
 */
public record PurgeRequest(TenantScope scope, @AsText Duration olderThan, int limit) {
    /** The most records that one call deletes. */
    public static final int MAX_LIMIT = 1_000;

    private static final Duration MAX_AGE = Duration.ofDays(36_500);

    public PurgeRequest {
        Require.given("scope", scope);
        Require.given("olderThan", olderThan);
        if (olderThan.isNegative() || olderThan.compareTo(MAX_AGE) > 0) {
            throw new InvalidInputException("olderThan", "must be between 0 and 36500 days");
        }
        Require.between("limit", limit, 1, MAX_LIMIT);
    }

    /** Returns a request for everybody's records from at least so long ago, 1000 at once. */
    public static PurgeRequest olderThan(Duration age) {
        return new PurgeRequest(TenantScope.all(), age, MAX_LIMIT);
    }

    /** Returns the same request for the records of another scope. */
    public PurgeRequest withScope(TenantScope value) {
        return new PurgeRequest(value, olderThan, limit);
    }
}
