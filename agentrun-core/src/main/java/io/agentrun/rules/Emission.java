package io.agentrun.rules;

import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import java.time.Instant;
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

    /** Returns the event as it is stored, with the number that it got in its run and the time of the step. */
    public RunEvent stored(String id, long seq, Instant now) {
        return new RunEvent(id, runId, seq, type, payload, now);
    }
}
