package io.agentrun.model;

import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * That somebody asked for the end of a run or task, and when. The first request stays; later ones change nothing.
 *
 * <p>Immutable.
 *
 * @param reason for people; 0 to 16384 characters
 * @param requestedAt when it was asked, by the store's clock
 */
public record CancelRequest(String reason, @AsText Instant requestedAt) {

    public CancelRequest {
        Texts.message("reason", reason);
        requestedAt = Times.requireInRange("requestedAt", requestedAt);
    }

    /** Tells the length of the reason, not the reason. */
    @Override
    public String toString() {
        return "CancelRequest[reason=" + Texts.size(reason) + ", requestedAt=" + requestedAt + "]";
    }
}
