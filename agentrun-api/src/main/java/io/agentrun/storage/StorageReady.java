package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's confirmation that a session's volume claim exists.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param generation the generation that {@link io.agentrun.StorageStore#provision} returned, 1 or more
 * @param pvcUid the cluster's uid of the claim (1..200 characters)
 * @param pvcPhase the claim's phase as seen ({@code Pending}, {@code Bound}, …), 1..200 characters; null when not known
 */
public record StorageReady(
        String sessionId,
        long generation,
        String pvcUid,
        @Nullable String pvcPhase) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageReady {
        sessionId = Texts.id("sessionId", sessionId);
        generation = Require.between("generation", generation, 1, Long.MAX_VALUE);
        pvcUid = Texts.id("pvcUid", pvcUid);
        pvcPhase = Texts.labelOrNull("pvcPhase", pvcPhase);
    }

    /**
     * Returns the confirmation with an unknown phase.
     *
     * @throws InvalidInputException when a component is missing or out of its bounds
     */
    public static StorageReady of(String sessionId, long generation, String pvcUid) {
        return new StorageReady(sessionId, generation, pvcUid, null);
    }
}
