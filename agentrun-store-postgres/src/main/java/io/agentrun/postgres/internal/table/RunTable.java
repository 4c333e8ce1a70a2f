package io.agentrun.postgres.internal.table;

import static io.agentrun.postgres.internal.table.RunColumns.FIRST_STATE;
import static io.agentrun.postgres.internal.table.RunColumns.NEXT_STATE;
import static io.agentrun.postgres.internal.table.RunColumns.OWN;
import static io.agentrun.postgres.internal.table.RunColumns.SHARED;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.RunColumns.ChangedRow;
import io.agentrun.postgres.internal.table.RunColumns.NewRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The statements of {@code agentrun_runs}, what a run is made of, and {@code agentrun_run_state}, all that changes of it. Their columns
 * are in {@link RunColumns}.
 *
 * <p>Thread-safe.
 */
public final class RunTable {

    /** The run with the id {@code :run_id}. */
    public static final String GET = "SELECT " + RunColumns.ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.id = :run_id
            """;

    /** The ids {@code :run_ids} as rows of {@code q}. Subquery and limit are for the plan: as in {@link AppendStatements#TOGETHER}. */
    public static final String ASKED = """
            (
                SELECT *
                FROM pg_catalog.unnest((SELECT :run_ids)) AS q (run_id)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ) q
            """;

    /** Finds the runs that are {@link #ASKED} for. */
    public static final String AMONG = "r.id = q.run_id";

    /** Those of the runs {@code :run_ids} that there are. */
    public static final String GET_ALL =
            "SELECT " + RunColumns.ROW_COLUMNS + "FROM " + ASKED + """
            CROSS JOIN {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            """ + "WHERE " + AMONG + "\n";

    /** The run with the id {@code :run_id}, locked. */
    public static final String LOCK = GET + "FOR NO KEY UPDATE OF s";

    /** The run with the id {@code :run_id}, locked, unless another transaction has it locked. */
    public static final String LOCK_FREE = GET + "FOR NO KEY UPDATE OF s SKIP LOCKED";

    /** One row if the run {@code :run_id} exists. */
    public static final String EXISTS = """
            SELECT true AS known
            FROM {schema}.agentrun_run_state
            WHERE run_id = :run_id
            """;

    /** The run of the command {@code :command_id}, locked. */
    public static final String LOCK_OF_COMMAND = "SELECT " + RunColumns.ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.id = (SELECT run_id FROM {schema}.agentrun_commands WHERE id = :command_id)
            FOR NO KEY UPDATE OF s
            """;

    /** The run {@code :run_id} and the run of its session's active turn, locked by rising id. */
    public static final String LOCK_LANE = "SELECT " + RunColumns.ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE s.run_id IN (:run_id, (
                SELECT c.run_id
                FROM {schema}.agentrun_commands c
                WHERE c.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
                    AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
                ORDER BY c.ordinal
                LIMIT 1))
            ORDER BY s.run_id
            FOR NO KEY UPDATE OF s
            """;

    /** The run of the owner that was created under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + RunColumns.COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.tenant_id = :tenant_id AND r.project_id = :project_id AND r.idempotency_key = :idempotency_key
            """;

    /** Whether a run of the session {@code :session_id} has not ended. */
    public static final String IN_USE = """
            SELECT EXISTS (
                SELECT FROM {schema}.agentrun_run_state
                WHERE session_id = :session_id AND status IN ('pending', 'claimed', 'running'))
                OR EXISTS (
                    SELECT FROM {schema}.agentrun_run_state
                    WHERE session_id = :session_id AND status = 'waiting') AS in_use
            """;

    /** A new run; where its id or key is taken, the statement fails. */
    public static final String INSERT = "WITH run AS (\n"
            + "INSERT INTO {schema}.agentrun_runs (" + OWN.names("") + ", " + SHARED.names("") + ")\n"
            + "VALUES (" + OWN.values(":run_") + ", " + SHARED.values(":run_") + ")\n"
            + "RETURNING id, " + SHARED.names("") + "\n)\n"
            + "INSERT INTO {schema}.agentrun_run_state (run_id, " + SHARED.names("") + ", " + FIRST_STATE.names("")
            + ")\n"
            + "SELECT id, " + SHARED.names("") + ", " + FIRST_STATE.values(":run_") + "\n"
            + "FROM run\n"
            + "RETURNING run_id\n";

    /** Everything of a run that may change. */
    public static final String UPDATE = "UPDATE {schema}.agentrun_run_state\n"
            + "SET " + NEXT_STATE.assignments(":run_") + "\n"
            + "WHERE run_id = :run_id\n"
            + "RETURNING run_id\n";

    /** The numbers of a run that is otherwise as it was. */
    public static final String COUNT = """
            UPDATE {schema}.agentrun_run_state
            SET event_seq = :run_event_seq, command_seq = :run_command_seq
            WHERE run_id = :run_id
            RETURNING run_id
            """;

    /** Deletes the events of the run {@code :run_id}. */
    public static final String DELETE_EVENTS = """
            DELETE FROM {schema}.agentrun_events
            WHERE run_id = :run_id
            """;

    /** Deletes the run {@code :run_id} with its state, commands and jobs. */
    public static final String DELETE = """
            DELETE FROM {schema}.agentrun_runs
            WHERE id = :run_id
            """;

    private RunTable() {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, NewRow row) {
        OWN.bind(script, "run_", row);
        SHARED.bind(script, "run_", row);
        FIRST_STATE.bind(script, "run_", row);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, ChangedRow row) {
        script.bind("run_id", row.run().id());
        NEXT_STATE.bind(script, "run_", row);
    }

    /** Gives {@link #COUNT} the run's id and the numbers of its last event and command. */
    public static void bindCounters(Script script, String runId, long eventSeq, long commandSeq) {
        script.bind("run_id", runId).bind("run_event_seq", eventSeq).bind("run_command_seq", commandSeq);
    }

    /** Returns what {@link #IN_USE} found. */
    public static Boolean inUse(ResultSet row, StatementContext context) throws SQLException {
        return row.getBoolean("in_use");
    }
}
