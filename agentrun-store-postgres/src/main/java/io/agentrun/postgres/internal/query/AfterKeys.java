package io.agentrun.postgres.internal.query;

import io.agentrun.backend.Cursors;
import io.agentrun.error.InvalidInputException;
import io.agentrun.postgres.internal.db.Script;
import java.time.Instant;

/** Binds the sort keys of the last item that a list has shown. They may be forged: the server refuses some values. */
final class AfterKeys {

    /** Later than the earliest time that the server knows; the latest one is later than any key. */
    private static final Instant EARLIEST = Instant.parse("-4000-01-01T00:00:00Z");

    private AfterKeys() {}

    /** Binds {@code :after_at} and {@code :after_id}. */
    static Script bind(Script script, String time, String id) {
        Instant at = Cursors.instant(time);
        if (at.isBefore(EARLIEST) || id.indexOf('\0') >= 0) {
            throw new InvalidInputException("cursor", "must be one that this store gave out, unchanged");
        }
        return script.bind("after_at", at).bind("after_id", id);
    }
}
