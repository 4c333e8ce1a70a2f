package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.run.ClaimLimit;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks a worker takes.
 *
 * <p>Immutable.
 *
 * @param scope whose tasks
 * @param queue only those of this queue, null for any
 * @param lane only those of this lane, null for any
 * @param backendProfiles only those for one of these backends; empty for any
 * @param claimWithin within which time a run that is dispatched must be claimed, 1 second to 30 days, cut to microseconds; null, as it is
 *     unless given, for any. A run that nobody claims in it ends ({@link io.agentrun.LeaseStore#endUnclaimed}), at no cost for the budget
 *     of its task; once a turn of it was acknowledged it waits without limit.
 */
public record DispatchRequest(
        TenantScope scope,
        @Nullable String queue,
        @Nullable String lane,
        Set<BackendProfile> backendProfiles,
        @AsText @Nullable Duration claimWithin) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public DispatchRequest {
        scope = Require.given("scope", scope);
        queue = Texts.labelOrNull("queue", queue);
        lane = Texts.labelOrNull("lane", lane);
        backendProfiles = profiles(backendProfiles);
        claimWithin = claimWithin == null ? null : ClaimLimit.checked("claimWithin", claimWithin);
    }

    /** Returns the request for any task at all. */
    public static DispatchRequest any() {
        return new DispatchRequest(TenantScope.all(), null, null, Set.of(), null);
    }

    /**
     * Returns the request for any task of the queue, of all tenants.
     *
     * @throws InvalidInputException when the queue is not named by 1 to 200 plain characters
     */
    public static DispatchRequest fromQueue(String queue) {
        return any().withQueue(Require.given("queue", queue));
    }

    private static Set<BackendProfile> profiles(@Nullable Set<BackendProfile> profiles) {
        Set<BackendProfile> present = Require.given("backendProfiles", profiles);
        present.forEach(profile -> Require.given("backendProfiles[]", profile));
        return Set.copyOf(present);
    }

    /**
     * Returns a copy with another {@code scope}: whose tasks.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public DispatchRequest withScope(TenantScope scope) {
        return new DispatchRequest(scope, queue, lane, backendProfiles, claimWithin);
    }

    /**
     * Returns a copy with another {@code queue}: only those of this queue, null for any.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public DispatchRequest withQueue(@Nullable String queue) {
        return new DispatchRequest(scope, queue, lane, backendProfiles, claimWithin);
    }

    /**
     * Returns a copy with another {@code lane}: only those of this lane, null for any.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public DispatchRequest withLane(@Nullable String lane) {
        return new DispatchRequest(scope, queue, lane, backendProfiles, claimWithin);
    }

    /**
     * Returns a copy with another {@code backendProfiles}: only those for one of these backends; empty for any.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public DispatchRequest withBackendProfiles(Set<BackendProfile> backendProfiles) {
        return new DispatchRequest(scope, queue, lane, backendProfiles, claimWithin);
    }

    /**
     * Returns a copy with another {@code claimWithin}: within which time a run that is dispatched must be claimed, null for any.
     *
     * @throws InvalidInputException when it is shorter than 1 second or longer than 30 days
     */
    public DispatchRequest withClaimWithin(@Nullable Duration claimWithin) {
        return new DispatchRequest(scope, queue, lane, backendProfiles, claimWithin);
    }
}
