package io.agentrun.postgres.internal.table;

import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.postgres.internal.db.Script;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_events}.
 *
 * <p>Thread-safe.
 */
public final class EventTable {

    /** The columns of an event, from {@code e}. */
    public static final String COLUMNS = "e.id, e.run_id, e.seq, e.type, e.payload, e.created_at\n";

    /** New events whose numbers are known, because their run is locked. */
    public static final String INSERT = """
            INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
            SELECT id, run_id, seq, type, CAST(payload AS jsonb), :event_created_at
            FROM unnest(:event_id, :event_run_id, :event_seq, :event_type, :event_payload)
                AS n (id, run_id, seq, type, payload)
            """;

    private EventTable() {}

    /** Gives {@link #INSERT} its parameters; all events are of one moment. */
    public static void bindNew(Script script, List<RunEvent> events) {
        script.bind("event_created_at", events.get(0).createdAt());
        array(script, "event_id", "text", events, RunEvent::id);
        array(script, "event_run_id", "text", events, RunEvent::runId);
        array(script, "event_seq", "bigint", events, RunEvent::seq);
        array(script, "event_type", "text", events, event -> event.type().wire());
        array(script, "event_payload", "text", events, event -> event.payload().toJson());
    }

    private static void array(
            Script script, String name, String type, List<RunEvent> events, Function<RunEvent, Object> value) {
        script.bindArray(name, type, events.stream().map(value).toArray());
    }

    /** Returns the event in the row. */
    public static RunEvent event(ResultSet row, StatementContext context) throws SQLException {
        return new RunEvent(
                Columns.text(row, "id"),
                Columns.text(row, "run_id"),
                row.getLong("seq"),
                EventType.fromWire("type", Columns.text(row, "type")),
                Columns.json(row, "payload"),
                Columns.instant(row, "created_at"));
    }
}
