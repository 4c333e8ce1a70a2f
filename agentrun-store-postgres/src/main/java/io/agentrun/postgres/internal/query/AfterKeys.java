package io.agentrun.postgres.internal.query;

import io.agentrun.backend.Cursors;
import io.agentrun.error.InvalidInputException;
import io.agentrun.postgres.internal.db.Script;
import java.time.Instant;

/** Binds the sort keys of the last item that a list has shown. They may be forged: the server refuses texts with a NUL. */
final class AfterKeys {

    private AfterKeys() {}

    /** Binds {@code :after_at} and {@code :after_id}. */
    static Script bind(Script script, String time, String id) {
        Instant at = Cursors.instant(time);
        if (id.indexOf('\0') >= 0) {
            throw new InvalidInputException("cursor", "must be one that this store gave out, unchanged");
        }
        return script.bind("after_at", at).bind("after_id", id);
    }
}
