package io.agentrun.postgres.internal.migration;

import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the migrations leave to be done outside of their transactions, beside hosts that go on: indexes of tables in use are built
 * concurrently, those that they take the place of go, and the open runs that V7 found get what stands of their tasks in their rows,
 * some at a time. A valid index says that its part is done; one that was cut off is built anew. Thread-safe.
 */
public final class LiveIndexes {

    /**
     * An index to build.
     *
     * @param kind what it is made by, with a blank
     * @param on its table and the rest
     */
    private record Index(String kind, String name, String on) {

        private Index(String name, String on) {
            this("INDEX ", name, on);
        }

        private String create(String how) {
            return "CREATE " + kind + how + name + " ON " + on;
        }
    }

    /** How many rows are locked at once. */
    private static final int BATCH = 1_000;

    private static final String FILL = """
            WITH open AS (
                SELECT s.run_id, t.queue, t.lane, t.priority
                FROM {schema}.agentrun_run_state s
                JOIN {schema}.agentrun_runs r ON r.id = s.run_id
                JOIN {schema}.agentrun_queue_tasks t ON t.id = r.task_id
                WHERE s.run_id > CAST(? AS text) AND s.status IN ('pending', 'claimed', 'running') AND s.queue IS NULL
                ORDER BY s.run_id
                LIMIT CAST(? AS integer)
                FOR NO KEY UPDATE OF s
            ), filled AS (
                UPDATE {schema}.agentrun_run_state s
                SET queue = open.queue, lane = open.lane, priority = open.priority
                FROM open
                WHERE s.run_id = open.run_id
                RETURNING s.run_id
            )
            SELECT pg_catalog.max(run_id) FROM filled
            """;

    private static final String STATE = """
            SELECT i.indisvalid
            FROM pg_catalog.pg_index i
            WHERE i.indexrelid = pg_catalog.to_regclass(CAST(? AS text))
            """;

    /** The query of a take spells the condition so; no other query may use the index. See the class PlanGuards. */
    private static final Index TAKES = new Index("agentrun_run_state_take_idx", """
            {schema}.agentrun_run_state (queue, priority DESC, created_at, run_id)
                WHERE '' || status = 'pending' AND queue IS NOT NULL
            """);

    /**
     * What is open has no outcome yet. Pending and acknowledged commands look alike to these indexes, so that an acknowledgement is a
     * heap-only update. Those of a run and those of a session are spelled apart: see the class PlanGuards.
     */
    private static final List<Index> OPEN_COMMANDS = List.of(
            new Index("agentrun_commands_unended_runs_idx", """
                    {schema}.agentrun_commands (run_id, seq) WHERE terminal_status || '' IS NULL
                    """),
            new Index("agentrun_commands_unended_turns_idx", """
                    {schema}.agentrun_commands (session_id, ordinal)
                        WHERE session_id IS NOT NULL AND ordinal > 0 AND terminal_status IS NULL
                    """));

    /** Of V17: the query for overdue runs spells the condition so; no other query may use the index. See the class PlanGuards. */
    private static final Index UNCLAIMED = new Index("agentrun_run_state_unclaimed_idx", """
            {schema}.agentrun_run_state (claim_until, run_id) WHERE '' || status = 'pending' AND claim_until IS NOT NULL
            """);

    /** Lists of the runs of a task are read along it; few tasks have more than a handful. V15 has dropped one of this name. */
    private static final Index RUNS_OF_TASKS = new Index("agentrun_runs_task_idx", """
            {schema}.agentrun_runs (task_id) WHERE task_id IS NOT NULL
            """);

    /** Of V19: a purge of sessions asks whether an open task names one. */
    private static final Index OPEN_TASKS_OF_SESSIONS = new Index("agentrun_queue_tasks_session_idx", """
            {schema}.agentrun_queue_tasks (session_id)
                WHERE session_id IS NOT NULL AND state IN ('pending', 'running')
            """);

    /** One waiting task for each key. What has begun has none, whoever began it. Spelled for its query alone: see the class PlanGuards. */
    private static final Index REPLACE_KEYS = new Index("UNIQUE INDEX ", "agentrun_queue_tasks_replaceable_idx", """
            {schema}.agentrun_queue_tasks (tenant_id, project_id, replace_key)
                WHERE replace_key IS NOT NULL AND state || '' = 'pending' AND latest_attempt IS NULL
            """);

    /** Of V19: what is to be judged by its deadlines; few tasks and runs have any. */
    private static final List<Index> DEADLINES = List.of(
            new Index("agentrun_queue_tasks_deadline_idx", """
                    {schema}.agentrun_queue_tasks (deadline_at, id) WHERE deadline_at IS NOT NULL
                    """), new Index("agentrun_run_state_deadline_idx", """
                    {schema}.agentrun_run_state (deadline_at, run_id) WHERE deadline_at IS NOT NULL
                    """));

    /** Of V22: which sessions a parked run is in use of, and what must take slots when it is claimed; few runs are parked. */
    private static final List<Index> PARKED = List.of(
            new Index("agentrun_run_state_waiting_idx", """
                    {schema}.agentrun_run_state (session_id) WHERE status = 'waiting'
                    """), new Index("agentrun_run_state_slotless_idx", """
                    {schema}.agentrun_run_state (run_id)
                        WHERE '' || status || '' = 'pending' AND queue IS NOT NULL AND parked_epoch IS NOT NULL
                    """));

    /** Of V23: the groups of tasks that are held. Only the query for them spells the condition so. See the class PlanGuards. */
    private static final Index HELD = new Index("agentrun_queue_tasks_held_idx", """
            {schema}.agentrun_queue_tasks (held_by, priority DESC, created_at, id)
                WHERE '' || state || '' = 'pending' AND delayed AND held_by IS NOT NULL
            """);

    /** With V23: the free slots of the values of limits, which say whether a limit has room, however many are taken. */
    private static final Index FREE_SLOTS = new Index("agentrun_limit_slots_free_idx", """
            {schema}.agentrun_limit_slots (value_key, kind, number) WHERE run_id IS NULL
            """);

    /** What is built after the fill. */
    private static final List<Index> OTHERS = Stream.of(
                    OPEN_COMMANDS,
                    List.of(RUNS_OF_TASKS, UNCLAIMED),
                    List.of(OPEN_TASKS_OF_SESSIONS, REPLACE_KEYS),
                    DEADLINES,
                    PARKED,
                    List.of(HELD, FREE_SLOTS))
            .flatMap(List::stream)
            .toList();

    /** Those that {@link #OPEN_COMMANDS}, {@link #REPLACE_KEYS} and {@link #PARKED} take the place of. */
    private static final List<String> REPLACED = List.of(
            "agentrun_commands_open_idx",
            "agentrun_commands_turns_idx",
            "agentrun_commands_unended_idx",
            "agentrun_queue_tasks_replace_idx",
            "agentrun_run_state_resumed_idx");

    private enum State {
        MISSING,
        CUT_OFF,
        VALID
    }

    private static final String SHORT = "SET lock_timeout = '1s'";

    private LiveIndexes() {}

    /** The same for a script in one transaction, on tables that nobody uses. */
    public static String script(SchemaName schema) {
        StringBuilder script = new StringBuilder(schema.sql(FILL)
                        .replace("CAST(? AS text)", "''")
                        .replace("LIMIT CAST(? AS integer)", "LIMIT ALL"))
                .append(";\n");
        script.append('\n').append(schema.sql(TAKES.create(""))).append(";\n");
        OTHERS.forEach(index -> script.append(schema.sql(index.create(""))).append(";\n"));
        REPLACED.forEach(name -> script.append(schema.sql("DROP INDEX IF EXISTS {schema}." + name))
                .append(";\n"));
        return script.toString();
    }

    /**
     * Does what is left to do; nothing if all is done.
     *
     * @param connection in autocommit mode
     * @throws SQLException with 55P03 if another transaction held a row or a table for longer than a second; what is done stays
     *     done
     */
    public static void complete(Connection connection, SchemaName schema) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(SHORT);
            try {
                if (isDue(statement, schema, TAKES)) {
                    fill(connection, schema);
                    statement.execute(schema.sql(TAKES.create("CONCURRENTLY ")));
                }
                for (Index index : OTHERS) {
                    if (isDue(statement, schema, index)) {
                        statement.execute(schema.sql(index.create("CONCURRENTLY ")));
                    }
                }
                for (String name : REPLACED) {
                    if (state(statement, schema, name) != State.MISSING) {
                        drop(statement, schema, name);
                    }
                }
            } finally {
                statement.execute("RESET lock_timeout");
            }
        }
    }

    /** Returns whether the index must be built; what is left of an earlier attempt is gone then. */
    private static boolean isDue(Statement statement, SchemaName schema, Index index) throws SQLException {
        State state = state(statement, schema, index.name());
        if (state == State.CUT_OFF) {
            drop(statement, schema, index.name());
        }
        return state != State.VALID;
    }

    private static State state(Statement statement, SchemaName schema, String index) throws SQLException {
        try (PreparedStatement look = statement.getConnection().prepareStatement(STATE)) {
            look.setString(1, schema.sql("{schema}." + index));
            try (ResultSet found = look.executeQuery()) {
                return !found.next() ? State.MISSING : found.getBoolean(1) ? State.VALID : State.CUT_OFF;
            }
        }
    }

    private static void drop(Statement statement, SchemaName schema, String index) throws SQLException {
        statement.execute("DROP INDEX CONCURRENTLY " + schema.sql("{schema}." + index));
    }

    private static void fill(Connection connection, SchemaName schema) throws SQLException {
        try (PreparedStatement fill = connection.prepareStatement(schema.sql(FILL))) {
            String after = "";
            while (after != null) {
                fill.setString(1, after);
                fill.setInt(2, BATCH);
                try (ResultSet last = fill.executeQuery()) {
                    last.next();
                    after = last.getString(1);
                }
            }
        }
    }
}
