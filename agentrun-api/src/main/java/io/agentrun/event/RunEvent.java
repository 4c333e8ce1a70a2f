package io.agentrun.event;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import java.time.Instant;

/**
 * An event as the store has it; it never changes.
 *
 * <p>Immutable.
 *
 * @param id "evt_…", given by the store
 * @param runId the run that it came out of
 * @param seq its number in the run, from 1 on without gaps
 * @param type what it tells
 * @param payload the facts, redacted
 * @param createdAt when it was appended, by the store's clock
 */
public record RunEvent(
        String id,
        String runId,
        long seq,
        EventType type,
        JsonObject payload,
        @AsText Instant createdAt) {

    public RunEvent {
        Texts.id("id", id);
        Texts.id("runId", runId);
        Require.between("seq", seq, 1, Long.MAX_VALUE);
        Require.given("type", type);
        Require.given("payload", payload);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
    }
}
