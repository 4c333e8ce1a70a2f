package io.agentrun.postgres.internal.table;

import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.text.PlainText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    private static final Map<String, EventType> TYPES =
            Arrays.stream(EventType.values()).collect(Collectors.toMap(EventType::wire, Function.identity()));

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

    /** Returns an object around the payload, or of its size where it is too deep or too large for that. */
    private static JsonObject unknown(String type, JsonObject payload) {
        try {
            return JsonObject.of("phase", "unknown-event", "type", type, "payload", payload);
        } catch (InvalidInputException e) {
            return JsonObject.of("phase", "unknown-event", "type", type, "bytes", payload.sizeInBytes());
        }
    }

    /**
     * Returns the event in the row. An event is never left out, because its number would be missing: one of a type that this
     * version does not know is a status with the type and the payload inside, and an id that is none is replaced.
     */
    public static RunEvent event(ResultSet row, StatementContext context) throws SQLException {
        String wire = Columns.text(row, "type");
        EventType type = TYPES.get(wire);
        JsonObject payload = Columns.json(row, "payload");
        String id = Columns.text(row, "id");
        long seq = row.getLong("seq");
        return new RunEvent(
                PlainText.problemOfName(id, Texts.MAX_ID) == null ? id : "evt_" + seq,
                Columns.text(row, "run_id"),
                seq,
                type == null ? EventType.BACKEND_STATUS : type,
                type == null ? unknown(wire, payload) : payload,
                Columns.instant(row, "created_at"));
    }
}
