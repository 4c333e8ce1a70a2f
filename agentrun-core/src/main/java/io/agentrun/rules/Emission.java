package io.agentrun.rules;

import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import java.util.Objects;

/**
 * An event that a transition adds to a run's stream; the store gives it its id, its number and the time of the step.
 *
 * <p>Unlike {@link io.agentrun.event.NewEvent}, it may be a {@link EventType#TERMINAL_STATUS}, which only a rule writes.
 * Immutable.
 */
public record Emission(String runId, EventType type, JsonObject payload) {

    public Emission {
        Objects.requireNonNull(runId, "runId");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(payload, "payload");
    }
}
