package io.agentrun.event;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;

/**
 * An event that is to be appended. Its payload passes through the store's redactor before it is stored.
 *
 * <p>Immutable.
 *
 * @param type what it tells; not one that the store alone writes, as {@code terminal_status}
 * @param payload the facts
 */
public record NewEvent(EventType type, JsonObject payload) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if type or payload are missing, or the type is one that the store alone writes
     */
    public NewEvent {
        Require.given("type", type);
        Require.given("payload", payload);
        if (type.ofStore()) {
            throw new InvalidInputException("type", "must not be " + type.wire() + ", which the store writes itself");
        }
    }
}
