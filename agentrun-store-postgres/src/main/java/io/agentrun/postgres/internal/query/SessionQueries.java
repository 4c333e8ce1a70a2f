package io.agentrun.postgres.internal.query;

import io.agentrun.event.RunEvent;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.EventQueries;
import io.agentrun.postgres.internal.table.EventTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.run.RunStatus;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The statements that look for sessions, and for the events of their runs.
 *
 * <p>Thread-safe.
 */
public final class SessionQueries {

    /** The columns of a session that hold JSON. */
    public static final List<String> OBJECTS = List.of("metadata");

    private static final String SESSIONS = "SELECT " + SessionTable.COLUMNS + """
            , 0 AS read_version
            FROM {schema}.agentrun_sessions s
            WHERE true
            """;
    private static final String SESSIONS_OF_READER = "SELECT " + SessionTable.COLUMNS + """
            , COALESCE(m.session_version, 0) AS read_version
            FROM {schema}.agentrun_sessions s
            LEFT JOIN {schema}.agentrun_session_read_cursors m
                ON m.session_id = s.session_id AND m.reader_id = :reader_id
            WHERE true
            """;
    private static final String ONE = "AND s.session_id = :session_id\n";
    private static final String TENANT = "AND s.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND s.project_id = :project_id\n";
    private static final String PROFILE = "AND s.backend_profile = :backend_profile\n";
    private static final String STATE = "AND s.execution_state = :state\n";
    private static final String CHANGED = "AND s.version > COALESCE(m.session_version, 0)\n";
    private static final String CHANGED_OR_OPEN =
            "AND (s.execution_state <> 'terminal' OR s.version > COALESCE(m.session_version, 0))\n";
    private static final String AFTER = """
            AND s.updated_at <= :after_at
            AND (s.updated_at < :after_at OR s.session_id > :after_id)
            """;
    private static final String NEWEST = "ORDER BY s.updated_at DESC, s.session_id LIMIT :limit";

    private static final String TRACE = """
            WITH traced AS (
                SELECT COALESCE(:run_id, s.active_run_id, s.last_run_id) AS run_id
                FROM {schema}.agentrun_sessions s
                WHERE s.session_id = :session_id
            )
            SELECT
                t.run_id AS traced_run_id, r.session_id = :session_id AS belongs, q.status, q.event_seq,
                e.page_rows, e.id, e.run_id, e.seq, e.type, e.payload, e.created_at
            FROM traced t
            LEFT JOIN {schema}.agentrun_runs r ON r.id = t.run_id
            LEFT JOIN {schema}.agentrun_run_state q ON q.run_id = r.id
            LEFT JOIN LATERAL (
            """;
    private static final String EVENTS = """
                SELECT v.id, v.run_id, v.seq, v.type, v.payload, v.created_at
                FROM {schema}.agentrun_events v
                WHERE v.run_id = r.id AND v.seq > :after_seq
            """;
    private static final String VISIBLE = """
            AND v.type IN ('assistant_message', 'tool_call', 'command_output', 'diff', 'error', 'question_asked',
                'question_answered', 'terminal_status')
            """;
    private static final String TRACED = """
            ) e ON true
            ORDER BY e.seq
            """;

    /** All events of a run of the session {@code :session_id}, with the run's state in the same snapshot. */
    public static final String ALL_EVENTS = TRACE + bounded("") + TRACED;

    /** The events that a user sees, as {@link #ALL_EVENTS}. */
    public static final String VISIBLE_EVENTS = TRACE + bounded(VISIBLE) + TRACED;

    private SessionQueries() {}

    private static String bounded(String condition) {
        return PageSql.bounded(EVENTS + condition + "ORDER BY v.seq LIMIT :limit", EventQueries.OBJECTS);
    }

    /**
     * A row of a trace: its run as it is, and an event of it, if there is one. Immutable.
     *
     * @param runId the run that is traced, null without one
     * @param belongs whether there is such a run, of that session
     * @param ended whether the run is terminal
     * @param eventSeq the number of the run's last event
     * @param found how many events the page would have if it did not end by its bytes
     */
    public record Traced(
            @Nullable String runId,
            boolean belongs,
            boolean ended,
            long eventSeq,
            long found,
            @Nullable RunEvent event) {}

    /** Returns the row of a trace. */
    public static Traced traced(ResultSet row, StatementContext context) throws SQLException {
        String status = row.getString("status");
        boolean found = row.getString("id") != null;
        return new Traced(
                row.getString("traced_run_id"),
                row.getBoolean("belongs"),
                status != null && RunStatus.fromWire("status", status).terminal(),
                row.getLong("event_seq"),
                row.getLong(PageSql.FOUND),
                found ? EventTable.event(row, context) : null);
    }

    /**
     * Adds one page of sessions, changed last first.
     *
     * @param after the keys of the last session that was shown: its time and its id; none for the first page
     */
    public static Script.Rows<SessionSummary> list(Script script, SessionQuery query, long limit, List<String> after) {
        String readerId = query.readerId();
        StringBuilder sql = new StringBuilder(base(readerId));
        script.bind("limit", limit);
        if (readerId != null) {
            script.bind("reader_id", readerId);
        }
        Scopes.add(script, sql, query.scope(), TENANT, PROJECT);
        if (query.backendProfile() != null) {
            sql.append(PROFILE);
            script.bind("backend_profile", query.backendProfile().wire());
        }
        filter(script, sql, query.filter(), readerId != null);
        if (!after.isEmpty()) {
            sql.append(AFTER);
            AfterKeys.bind(script, after.get(0), after.get(1));
        }
        return script.page(sql.append(NEWEST).toString(), OBJECTS, summaries(readerId));
    }

    /** Adds the session {@code sessionId} beside what the reader, if there is one, has read of it. */
    public static Script.Rows<SessionSummary> summary(Script script, String sessionId, @Nullable String readerId) {
        script.bind("session_id", sessionId);
        if (readerId != null) {
            script.bind("reader_id", readerId);
        }
        return script.query(base(readerId) + ONE, summaries(readerId));
    }

    private static RowMapper<SessionSummary> summaries(@Nullable String readerId) {
        return (row, context) ->
                SessionSummary.of(SessionTable.session(row, context), readerId, row.getLong("read_version"));
    }

    private static String base(@Nullable String readerId) {
        return readerId == null ? SESSIONS : SESSIONS_OF_READER;
    }

    /** Adds the conditions of the filter. Without a reader nothing is read: what asks for it then shows every session. */
    private static void filter(Script script, StringBuilder sql, SessionFilter filter, boolean reader) {
        switch (filter) {
            case ALL -> {}
            case DEFAULT -> sql.append(reader ? CHANGED_OR_OPEN : "");
            case UNREAD -> sql.append(reader ? CHANGED : "");
            case IDLE, RUNNING, TERMINAL -> {
                sql.append(STATE);
                script.bind("state", filter.wire());
            }
        }
    }
}
