package io.agentrun.backend;

import java.time.Instant;
import java.util.List;

/**
 * A record in the order of its last change, as a search without a lock has seen it.
 *
 * @param changedAt when it changed last
 * @param version the version that was seen: the record is unchanged while it has this one
 * @param kept whether it is not to be deleted: because it is not of the scope, or because of what it is. A task is kept if it has not
 *     ended or one of its runs is left; a session if a turn is active, it has a volume, or one of its runs or a task that names it has
 *     not ended
 * @param keys where the next search goes on
 */
public record OldRecord(String id, Instant changedAt, long version, boolean kept, List<String> keys) {

    /** Copies what is given. */
    public OldRecord {
        keys = List.copyOf(keys);
    }

    /** What there is to delete beside runs. */
    public enum Kind {
        /** A task. */
        TASK,
        /** A session. */
        SESSION
    }
}
