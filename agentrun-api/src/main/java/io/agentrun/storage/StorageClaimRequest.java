package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import java.time.Duration;

/**
 * A collector's request for sessions whose volumes are to be taken away.
 *
 * <p>Immutable.
 *
 * @param scope whose sessions
 * @param collectorId who asks (1..200 characters)
 * @param lease how long the sessions are to be left alone by others; longer than zero and within the store's bounds for
 *     leases (100 ms to 24 h unless set otherwise)
 * @param limit how many sessions at most, 1 or more and at most the store's largest page (500 unless set otherwise)
 */
public record StorageClaimRequest(
        TenantScope scope, String collectorId, @AsText Duration lease, int limit) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageClaimRequest {
        scope = Require.given("scope", scope);
        collectorId = Texts.id("collectorId", collectorId);
        lease = positive(Require.given("lease", lease));
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns a request for at most 50 sessions of all tenants.
     *
     * @throws InvalidInputException when a component is missing or out of its bounds
     */
    public static StorageClaimRequest by(String collectorId, Duration lease) {
        return new StorageClaimRequest(TenantScope.all(), collectorId, lease, Limits.DEFAULT_PAGE);
    }

    private static Duration positive(Duration lease) {
        if (lease.isZero() || lease.isNegative()) {
            throw new InvalidInputException("lease", "must be longer than zero");
        }
        return lease;
    }

    /**
     * Returns a copy with another {@code scope}: whose sessions.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public StorageClaimRequest withScope(TenantScope scope) {
        return new StorageClaimRequest(scope, collectorId, lease, limit);
    }

    /**
     * Returns a copy with another {@code limit}: how many sessions at most, 1 or more and at most the store's largest
     * page (500 unless set otherwise).
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public StorageClaimRequest withLimit(int limit) {
        return new StorageClaimRequest(scope, collectorId, lease, limit);
    }
}
