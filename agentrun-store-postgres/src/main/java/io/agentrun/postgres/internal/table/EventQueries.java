package io.agentrun.postgres.internal.table;

import io.agentrun.event.RunEvent;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.run.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The statements that list events of a run.
 *
 * <p>Thread-safe.
 */
public final class EventQueries {

    /** The columns that hold JSON of any size. */
    public static final List<String> OBJECTS = List.of("payload");

    private static final String RUN = """
            SELECT s.status, s.event_seq, e.page_rows, e.id, e.run_id, e.seq, e.type, e.payload, e.created_at
            FROM {schema}.agentrun_run_state s
            LEFT JOIN LATERAL (
            """;
    private static final String OF_RUN = """
                SELECT e.id, e.run_id, e.seq, e.type, e.payload, e.created_at
                FROM {schema}.agentrun_events e
                WHERE e.run_id = s.run_id AND e.seq > :after_seq
            """;
    private static final String IN_ORDER = "ORDER BY e.seq LIMIT :limit";
    private static final String VISIBLE = """
            AND e.type IN ('assistant_message', 'tool_call', 'command_output', 'diff', 'error', 'terminal_status')
            """;
    private static final String LIMITED = """
            ) e ON true
            WHERE s.run_id = :run_id
            ORDER BY e.seq
            """;

    /** The run's events after {@code :after_seq} with what tells its end, of one moment; at least one row if it exists. */
    public static final String PAGE = RUN + PageSql.bounded(OF_RUN + IN_ORDER, OBJECTS) + LIMITED;

    /** The events that a user sees, as {@link #PAGE}. */
    public static final String VISIBLE_PAGE = RUN + PageSql.bounded(OF_RUN + VISIBLE + IN_ORDER, OBJECTS) + LIMITED;

    private static final String OF_EACH = """
                SELECT e.id, e.run_id, e.seq, e.type, e.payload, e.created_at
                FROM {schema}.agentrun_events e
                WHERE e.run_id = q.run_id AND e.seq > q.after_seq
                ORDER BY e.seq
                LIMIT :limit
            """;

    /** A page of each of the runs {@code :run_ids}, after the number in {@code :after_seqs}; as {@link #PAGE}. */
    public static final String PAGES = """
            SELECT s.run_id AS of_run, s.status, s.event_seq, e.page_rows, e.id, e.run_id, e.seq, e.type, e.payload, e.created_at
            FROM (
                SELECT *
                FROM unnest((SELECT :run_ids), (SELECT :after_seqs)) AS q (run_id, after_seq)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ) q
            JOIN {schema}.agentrun_run_state s ON s.run_id = q.run_id
            LEFT JOIN LATERAL (
            """ + PageSql.bounded(OF_EACH, OBJECTS) + """
            ) e ON true
            ORDER BY s.run_id, e.seq
            """;

    private EventQueries() {}

    /** A row of {@link #PAGES}: of which run, and what it has. Immutable. */
    public record RowOfRun(String runId, PageRow row) {}

    /** Returns the row of {@link #PAGES}. */
    public static RowOfRun rowOfRun(ResultSet row, StatementContext context) throws SQLException {
        return new RowOfRun(Columns.text(row, "of_run"), row(row, context));
    }

    /**
     * A row of a page. Immutable.
     *
     * @param terminal whether the run has ended
     * @param last the number of the run's last event
     * @param found how many events the page would have if it did not end by its bytes
     * @param event the event in the row; null in the one row of an empty page
     */
    public record PageRow(
            boolean terminal,
            long last,
            long found,
            @Nullable RunEvent event) {}

    /** Returns the row of {@link #PAGE}. */
    public static PageRow row(ResultSet row, StatementContext context) throws SQLException {
        return new PageRow(
                RunStatus.fromWire("status", Columns.text(row, "status")).terminal(),
                row.getLong("event_seq"),
                row.getLong(PageSql.FOUND),
                row.getString("id") == null ? null : EventTable.event(row, context));
    }
}
