package io.agentrun.postgres.internal.table;

import io.agentrun.postgres.internal.db.PageSql;
import java.util.List;

/**
 * The statements that list commands of a run.
 *
 * <p>Thread-safe.
 */
public final class CommandQueries {

    /** The columns that hold JSON of any size. */
    public static final List<String> OBJECTS = List.of("payload");

    private static final String DELIVERABLE_OF_ONE = """
            SELECT
            """ + CommandTable.COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = q.run_id AND c.terminal_status || '' IS NULL AND c.state = 'pending' AND c.deliverable
            ORDER BY c.seq
            LIMIT :limit
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
            WHERE c.run_id = :run_id AND c.terminal_status || '' IS NULL AND c.state = 'pending' AND c.deliverable
            ORDER BY c.seq
            LIMIT :limit
            """;

    /** The pending commands that may be delivered, of each of the runs {@code :run_ids} at most {@code :page_bytes} bytes. */
    public static final String DELIVERABLE_OF_ALL =
            """
            SELECT
            """ + CommandTable.COLUMNS + """
            FROM (
                SELECT *
                FROM pg_catalog.unnest((SELECT :run_ids)) AS q (run_id)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ) q
            CROSS JOIN LATERAL (
            """ + PageSql.bounded(DELIVERABLE_OF_ONE, OBJECTS) + """
            ) c
            ORDER BY c.run_id, c.seq
            """;

    private CommandQueries() {}
}
