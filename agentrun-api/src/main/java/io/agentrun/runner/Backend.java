package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import java.time.Instant;

/**
 * A backend that runs may name, as the host described it last.
 *
 * <p>Immutable.
 *
 * @param profile which backend
 * @param capabilities what it can do: protocol, transport, command and the like
 * @param capacity how much of it there is
 * @param health how it is
 * @param updatedAt when it was saved last
 */
public record Backend(
        BackendProfile profile,
        JsonObject capabilities,
        JsonObject capacity,
        JsonObject health,
        @AsText Instant updatedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Backend {
        profile = Require.given("profile", profile);
        capabilities = Require.given("capabilities", capabilities);
        capacity = Require.given("capacity", capacity);
        health = Require.given("health", health);
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
    }
}
