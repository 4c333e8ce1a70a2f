package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;

/**
 * A description of a backend, to be saved by {@link io.agentrun.RunnerStore#saveBackend}.
 *
 * <p>Immutable.
 *
 * @param profile which backend
 * @param capabilities what it can do: protocol, transport, command and the like
 * @param capacity how much of it there is
 * @param health how it is
 */
public record NewBackend(BackendProfile profile, JsonObject capabilities, JsonObject capacity, JsonObject health) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public NewBackend {
        profile = Require.given("profile", profile);
        capabilities = Require.given("capabilities", capabilities);
        capacity = Require.given("capacity", capacity);
        health = Require.given("health", health);
    }

    /**
     * Returns the description of a backend of which nothing but its name is known.
     *
     * @throws InvalidInputException when the profile is missing
     */
    public static NewBackend of(BackendProfile profile) {
        return new NewBackend(profile, JsonObject.empty(), JsonObject.empty(), JsonObject.empty());
    }

    /**
     * Returns a copy with another {@code capabilities}: what it can do: protocol, transport, command and the like.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public NewBackend withCapabilities(JsonObject capabilities) {
        return new NewBackend(profile, capabilities, capacity, health);
    }

    /**
     * Returns a copy with another {@code capacity}: how much of it there is.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public NewBackend withCapacity(JsonObject capacity) {
        return new NewBackend(profile, capabilities, capacity, health);
    }

    /**
     * Returns a copy with another {@code health}: how it is.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public NewBackend withHealth(JsonObject health) {
        return new NewBackend(profile, capabilities, capacity, health);
    }
}
