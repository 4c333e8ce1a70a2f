package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What V7 leaves to be done outside of its transaction, beside hosts that claim and append: the open runs that there were get what
 * stands of their tasks in their rows, some at a time, and the index for takes is built concurrently. A valid index says that all of
 * it is done; one that was cut off is built anew. Thread-safe.
 */
final class TakeColumns {

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

    private static final String INDEX_STATE = """
            SELECT i.indisvalid
            FROM pg_catalog.pg_index i
            WHERE i.indexrelid = pg_catalog.to_regclass(CAST(? AS text))
            """;

    /** The query of a take spells the condition so; no other query may use the index. See the class PlanGuards. */
    private static final String INDEX = """
            INDEX CONCURRENTLY agentrun_run_state_take_idx
                ON {schema}.agentrun_run_state (queue, priority DESC, created_at, run_id)
                WHERE '' || status = 'pending' AND queue IS NOT NULL
            """;

    private static final String SHORT = "SET lock_timeout = '1s'";

    private TakeColumns() {}

    /** The same for a script in one transaction, on tables that nobody uses. */
    static String script(SchemaName schema) {
        return schema.sql(FILL).replace("CAST(? AS text)", "''").replace("LIMIT CAST(? AS integer)", "LIMIT ALL")
                + ";\n\nCREATE " + schema.sql(INDEX).replace(" CONCURRENTLY", "") + ";\n";
    }

    /**
     * Does what is left to do; nothing if the index is there.
     *
     * @param connection in autocommit mode
     * @throws SQLException with 55P03 if another transaction held a row or the table for longer than a second; what is done stays
     *     done
     */
    static void complete(Connection connection, SchemaName schema) throws SQLException {
        String index = schema.sql("{schema}.agentrun_run_state_take_idx");
        try (PreparedStatement look = connection.prepareStatement(INDEX_STATE);
                Statement statement = connection.createStatement()) {
            look.setString(1, index);
            ResultSet found = look.executeQuery();
            boolean there = found.next();
            if (there && found.getBoolean(1)) {
                return;
            }
            statement.execute(SHORT);
            try {
                if (there) {
                    statement.execute("DROP INDEX CONCURRENTLY " + index);
                }
                fill(connection, schema);
                statement.execute("CREATE " + schema.sql(INDEX));
            } finally {
                statement.execute("RESET lock_timeout");
            }
        }
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
