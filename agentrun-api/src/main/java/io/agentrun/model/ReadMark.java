package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * Up to which version a reader has seen a session or a queue task. It only moves forward.
 *
 * <p>Immutable.
 *
 * @param subjectId the session or task
 * @param readerId who has read; the host's own name for it, 1 to 200 characters
 * @param version the version that was seen, 0 or more
 * @param readAt when the mark last moved, by the store's clock
 */
public record ReadMark(
        String subjectId,
        String readerId,
        long version,
        @AsText Instant readAt) {

    public ReadMark {
        Texts.id("subjectId", subjectId);
        Texts.id("readerId", readerId);
        Require.between("version", version, 0, Long.MAX_VALUE);
        readAt = Times.requireInRange("readAt", readAt);
    }
}
