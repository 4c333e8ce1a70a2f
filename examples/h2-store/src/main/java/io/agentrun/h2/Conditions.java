package io.agentrun.h2;

import static java.util.stream.Collectors.joining;

import io.agentrun.event.EventType;
import java.util.stream.Stream;

/** Conditions that several queries share. */
final class Conditions {

    static final String ENDED = " IN ('completed', 'failed', 'blocked', 'cancelled')";
    static final String OWNERS_KEY = "tenant = ? AND project = ? AND idempotency_key = ?";
    static final String QUEUE_ORDER = "priority DESC, created_at, id";
    static final String DUE = "state = 'pending' AND (not_before IS NULL OR not_before <= ?)";
    static final String NO_OPEN_TURN = "NOT EXISTS (SELECT 1 FROM commands c JOIN runs r ON r.id = c.run_id"
            + " WHERE r.session_id = tasks.session_id AND c.type = 'turn' AND NOT c.state" + ENDED + ")";
    static final String TASK_OF_RUN = "(SELECT t.%s FROM tasks t WHERE t.id = runs.task_id)";
    static final String NOT_ONLY_WAITING = "(SELECT BOOL_OR(c.deliverable) FROM commands c"
            + " WHERE c.run_id = runs.id AND c.type = 'turn' AND NOT c.state" + ENDED + ") IS NOT FALSE";
    static final String COLLECTABLE = "(storage = 'evicting' OR expires_at <= ?"
            + " AND storage IN ('provisioning', 'ready', 'missing') AND NOT EXISTS"
            + " (SELECT 1 FROM runs r WHERE r.session_id = sessions.id AND NOT r.status" + ENDED + "))"
            + " AND NOT EXISTS (SELECT 1 FROM collectors c"
            + " WHERE c.session_id = sessions.id AND c.ends > ? AND c.collector_id <> ?)";
    static final String UNREAD = "version > COALESCE((SELECT m.version FROM marks m"
            + " WHERE m.subject_id = sessions.id AND m.reader_id = ? AND m.kind = 'SESSION'), 0)";
    static final String OUTPUT = Stream.of(EventType.values())
            .filter(EventType::output)
            .map(type -> "'" + type.wire() + "'")
            .collect(joining(", ", "type IN (", ")"));

    private Conditions() {}
}
