package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * An Event of the cluster about an object.
 *
 * <p>Immutable.
 *
 * @param type {@code Normal} or {@code Warning}
 * @param reason what happened, in one word: {@code FailedCreate}, {@code FailedMount}, {@code FailedScheduling}
 * @param message the same in words
 * @param lastSeen when it happened last
 */
public record EventView(
        String type, String reason, String message, @AsText Instant lastSeen) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public EventView {
        type = Require.given("type", type);
        reason = Require.given("reason", reason);
        message = Require.given("message", message);
        lastSeen = Require.given("lastSeen", lastSeen);
    }

    /** Returns whether it tells of something that went wrong. */
    public boolean warning() {
        return type.equals("Warning");
    }
}
