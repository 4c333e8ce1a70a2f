package io.agentrun.postgres.internal.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The statements that list commands and events of a run.
 *
 * <p>Thread-safe.
 */
public final class CommandQueries {

    /** One row if the run {@code :run_id} exists. */
    public static final String RUN_EXISTS = """
            SELECT true AS known
            FROM {schema}.agentrun_run_state
            WHERE run_id = :run_id
            """;

    /** The run's commands after {@code :after_seq}. */
    public static final String PAGE = "SELECT " + CommandTable.COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = :run_id AND c.seq > :after_seq
            ORDER BY c.seq
            LIMIT :limit
            """;

    /** The run's pending commands that may be delivered. */
    public static final String DELIVERABLE = "SELECT " + CommandTable.COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = :run_id AND c.state = 'pending' AND c.deliverable
            ORDER BY c.seq
            LIMIT :limit
            """;

    private CommandQueries() {}

    /** That the row is there. */
    public static Boolean exists(ResultSet row, StatementContext context) throws SQLException {
        return row.getBoolean("known");
    }
}
