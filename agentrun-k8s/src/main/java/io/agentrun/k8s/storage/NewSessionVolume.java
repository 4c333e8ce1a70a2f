package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.session.SessionUpsert;

/**
 * A session and the volume that it is to have.
 *
 * <p>Immutable.
 *
 * @param session the session, as for {@link io.agentrun.SessionStore#upsert}
 * @param volume what the volume is to be like, where it differs from the defaults
 */
public record NewSessionVolume(SessionUpsert session, VolumeSpec volume) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public NewSessionVolume {
        session = Require.given("session", session);
        volume = Require.given("volume", volume);
    }

    /** Returns the request for a volume as the defaults say. */
    public static NewSessionVolume of(SessionUpsert session) {
        return new NewSessionVolume(session, VolumeSpec.unspecified());
    }
}
