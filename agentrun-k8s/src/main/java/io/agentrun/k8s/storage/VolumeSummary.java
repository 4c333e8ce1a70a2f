package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.storage.SessionStorage;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of a session's volume, beside what the cluster says of its claim.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param storage what the store knows
 * @param sight what the cluster says
 * @param claim the claim of that name as it is in the cluster, null when there is none or it was not asked
 * @param problem why the cluster could not be asked, null unless it could not
 */
public record VolumeSummary(
        String sessionId,
        SessionStorage storage,
        Sight sight,
        @Nullable ClaimView claim,
        @Nullable String problem) {

    /** What the cluster says of a claim. Immutable. */
    public enum Sight {
        /** The session has no claim, or an evicted one: the cluster was not asked. */
        NOT_ASKED,
        /** The claim is there, and it is the session's. */
        PRESENT,
        /** The claim is there, it is the session's, and it is on its way out. */
        TERMINATING,
        /** There is no claim of that name. */
        ABSENT,
        /** There is a claim of that name, and it is not the session's. */
        FOREIGN,
        /** The cluster could not be asked. */
        UNKNOWN
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public VolumeSummary {
        sessionId = Require.given("sessionId", sessionId);
        storage = Require.given("storage", storage);
        sight = Require.given("sight", sight);
    }
}
