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

    private static final ColumnSet<RunEvent> NEW = new ColumnSet<RunEvent>()
            .text("id", RunEvent::id)
            .text("run_id", RunEvent::runId)
            .number("seq", RunEvent::seq)
            .text("type", event -> event.type().wire())
            .json("payload", RunEvent::payload);

    /** A new event whose number is known, because its run is locked. */
    private static final String INSERT = "INSERT INTO {schema}.agentrun_events (" + NEW.names("") + ", created_at)\n"
            + "VALUES (" + NEW.values(":event_") + ", :event_created_at)\n";

    /** Several of them, of one moment. */
    private static final String INSERT_ALL = "INSERT INTO {schema}.agentrun_events (" + NEW.names("")
            + ", created_at)\n"
            + "SELECT " + NEW.values("n.") + ", :event_created_at\n"
            + "FROM unnest(" + NEW.names(":event_") + ")\nAS n (" + NEW.names("") + ")\n";

    private static final Map<String, EventType> TYPES =
            Arrays.stream(EventType.values()).collect(Collectors.toMap(EventType::wire, Function.identity()));

    private EventTable() {}

    /** Adds the statement that writes new events, which are of one moment, with its parameters. */
    public static void insert(Script script, List<RunEvent> events) {
        script.bind("event_created_at", events.get(0).createdAt());
        NEW.run(script, INSERT, INSERT_ALL, "event_", events);
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
