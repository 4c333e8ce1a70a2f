package io.agentrun.postgres.internal.table;

/**
 * The statements that list commands of a run.
 *
 * <p>Thread-safe.
 */
public final class CommandQueries {

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

    /** The pending commands that may be delivered, of each of the runs {@code :run_ids}. */
    public static final String DELIVERABLE_OF_ALL = """
            SELECT
            """ + CommandTable.COLUMNS + """
            FROM (
                SELECT *
                FROM unnest((SELECT :run_ids)) AS q (run_id)
                LIMIT (SELECT cardinality(:run_ids))
            ) q
            CROSS JOIN LATERAL (
            SELECT
            """ + CommandTable.COLUMNS + """
                FROM {schema}.agentrun_commands c
                WHERE c.run_id = q.run_id AND c.state = 'pending' AND c.deliverable
                ORDER BY c.seq
                LIMIT :limit
            ) c
            ORDER BY c.run_id, c.seq
            """;

    private CommandQueries() {}
}
