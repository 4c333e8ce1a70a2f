package io.agentrun.event;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;

/**
 * An event that is to be appended. Its payload passes through the store's redactor before it is stored.
 *
 * <p>Immutable.
 *
 * @param type what it tells; not {@code terminal_status}, which the store alone writes
 * @param payload the facts
 */
public record NewEvent(EventType type, JsonObject payload) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if type or payload are missing, or the type is {@code terminal_status}
     */
    public NewEvent {
        Require.given("type", type);
        Require.given("payload", payload);
        if (type == EventType.TERMINAL_STATUS) {
            throw new InvalidInputException("type", "must not be terminal_status, which the store writes itself");
        }
    }
}
