package io.agentrun.postgres.internal.query;

import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.rules.CommandHead;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The statements of callers who share a transaction: what locks sessions, runs and tasks, passing over those that are held, and what reads
 * their commands. The arrays {@code :run_ids} and {@code :command_ids} name a run and a command each, or none; the limits, and the subqueries that hide the
 * length of an array, are for the plan: as in {@link io.agentrun.postgres.internal.table.AppendStatements#TOGETHER}.
 *
 * <p>Thread-safe.
 */
public final class SharedQueries {

    private static final String ASKED = """
            (
                SELECT *
                FROM unnest((SELECT :run_ids), (SELECT :command_ids)) AS q (run_id, command_id)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ) q
            """;

    /** The sessions of the runs that no other transaction has locked; locked now. */
    public static final String LOCK_SESSIONS = "SELECT " + SessionTable.COLUMNS + """
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = ANY (ARRAY(
                SELECT r.session_id
            """ + "FROM " + ASKED + """
                JOIN {schema}.agentrun_runs r ON r.id = q.run_id))
            ORDER BY s.session_id
            FOR NO KEY UPDATE SKIP LOCKED
            """;

    /** The runs that no other transaction has locked; locked now. */
    public static final String LOCK_RUNS = "SELECT " + RunColumns.ROW_COLUMNS + "FROM " + ASKED + """
            JOIN {schema}.agentrun_runs r ON r.id = q.run_id
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            ORDER BY s.run_id
            FOR NO KEY UPDATE OF s SKIP LOCKED
            """;

    /** The heads of the open commands of the runs, by number; those of a run that is named twice are there twice. */
    public static final String OPEN =
            "SELECT " + CommandTable.HEAD_COLUMNS + "FROM " + ASKED + CommandTable.OPEN_OF_EACH;

    /** For each of the runs the first open turn among those of the other runs of its session. */
    public static final String NEXT_OF_OTHER_RUNS =
            "SELECT q.run_id AS of_run, " + CommandTable.HEAD_COLUMNS + "FROM " + ASKED + """
            JOIN {schema}.agentrun_runs r ON r.id = q.run_id
            CROSS JOIN LATERAL (
                SELECT *
                FROM {schema}.agentrun_commands c
                WHERE c.session_id = r.session_id AND c.run_id <> q.run_id
                    AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
                ORDER BY c.ordinal
                LIMIT 1
            ) c
            """;

    /** The tasks of the runs that no other transaction has locked; locked now. */
    public static final String LOCK_TASKS = "SELECT " + TaskTable.COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = ANY (ARRAY(
                SELECT r.task_id
            """ + "FROM " + ASKED + """
                JOIN {schema}.agentrun_runs r ON r.id = q.run_id))
            ORDER BY t.id
            FOR NO KEY UPDATE SKIP LOCKED
            """;

    /** The commands that are named. */
    public static final String COMMANDS = "SELECT " + CommandTable.COLUMNS + "FROM " + ASKED + """
            JOIN {schema}.agentrun_commands c ON c.id = q.command_id
            """;

    /** For each of the runs its first open turn beside the command that is named with it. */
    public static final String OTHER_TURNS = "SELECT " + CommandTable.COLUMNS + "FROM " + ASKED + """
            CROSS JOIN LATERAL (
                SELECT *
                FROM {schema}.agentrun_commands c
                WHERE c.run_id = q.run_id AND c.id <> q.command_id
                    AND c.ordinal > 0 AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
                ORDER BY c.ordinal
                LIMIT 1
            ) c
            """;

    /** Those of the sessions {@code :session_ids} that are stored, whoever has them locked. */
    public static final String KNOWN_SESSIONS = """
            SELECT s.session_id
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = ANY (CAST((SELECT :session_ids) AS text[]))
            """;

    private SharedQueries() {}

    /** The next turn in the session of a run. Immutable. */
    public record Next(String ofRun, CommandHead turn) {}

    /** Returns a row of {@link #NEXT_OF_OTHER_RUNS}. */
    public static Next next(ResultSet row, StatementContext context) throws SQLException {
        return new Next(Columns.text(row, "of_run"), CommandTable.head(row, context));
    }
}
