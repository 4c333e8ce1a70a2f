package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which run a runner would take next.
 *
 * <p>Make one with {@link #by} and the withers. Immutable.
 *
 * @param runnerId who asks
 * @param lease how long the lease is to be, within the store's limits (100 milliseconds to 24 hours unless set otherwise)
 * @param scope whose runs; everybody's unless given
 * @param backendProfiles the backends that the runner can work with; empty, as it is unless given, means any
 * @param providerId the provider that the runner can work with; null, as it is unless given, means any
 */
public record ClaimRequest(
        String runnerId,
        @AsText Duration lease,
        TenantScope scope,
        Set<BackendProfile> backendProfiles,
        @Nullable String providerId) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if the runner or the provider break their rules, the lease is null, zero or negative,
     *     or the scope, the set or one of its elements is null
     */
    public ClaimRequest {
        Texts.id("runnerId", runnerId);
        Require.given("lease", lease);
        if (lease.isNegative() || lease.isZero()) {
            throw new InvalidInputException("lease", "must be longer than zero");
        }
        Require.given("scope", scope);
        Set<BackendProfile> copy = new LinkedHashSet<>(Require.given("backendProfiles", backendProfiles));
        copy.forEach(profile -> Require.given("backendProfiles", profile));
        backendProfiles = Collections.unmodifiableSet(copy);
        Texts.labelOrNull("providerId", providerId);
    }

    /** Returns a request for any run, for the given runner and length of lease. */
    public static ClaimRequest by(String runnerId, Duration lease) {
        return new ClaimRequest(runnerId, lease, TenantScope.all(), Set.of(), null);
    }

    /** Returns the same request for runs in this scope only. */
    public ClaimRequest withScope(TenantScope value) {
        return new ClaimRequest(runnerId, lease, value, backendProfiles, providerId);
    }

    /** Returns the same request for runs of these backends only; empty means any. */
    public ClaimRequest withBackendProfiles(Set<BackendProfile> value) {
        return new ClaimRequest(runnerId, lease, scope, value, providerId);
    }

    /** Returns the same request for runs of one backend only. */
    public ClaimRequest withBackendProfile(BackendProfile value) {
        return withBackendProfiles(Set.of(Require.given("backendProfile", value)));
    }

    /** Returns the same request for runs of this provider only; null means any. */
    public ClaimRequest withProviderId(@Nullable String value) {
        return new ClaimRequest(runnerId, lease, scope, backendProfiles, value);
    }

    /** Returns whether the run fits scope, backends and provider; for authors of stores. */
    public boolean accepts(Run run) {
        return scope.includes(run.owner())
                && (backendProfiles.isEmpty()
                        || backendProfiles.contains(run.spec().backendProfile()))
                && (providerId == null || providerId.equals(run.spec().providerId()));
    }
}
