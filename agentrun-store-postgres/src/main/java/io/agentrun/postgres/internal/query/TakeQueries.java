package io.agentrun.postgres.internal.query;

import io.agentrun.postgres.internal.db.MadeSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.PlanGuards;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.DispatchRequest;

/**
 * The statements of a take: what finds the pending runs of tasks, and what locks runs, sessions and tasks, passing over those that
 * are held. Rows are found by their keys ({@link PlanGuards}). Arrays and limits come out of subqueries, which hide them from the
 * planner: otherwise it may plan each execution anew, which costs more than the execution.
 *
 * <p>Thread-safe.
 */
public final class TakeQueries {

    private static final String PENDING = """
            SELECT q.run_id
            FROM {schema}.agentrun_run_state q
            """ + "WHERE " + PlanGuards.PREFIX
            + "q.status = 'pending' AND q.queue IS NOT NULL\n" + """
                AND q.run_id <> ALL (:passed)
                AND (q.parked_epoch IS NULL OR q.parked_epoch <> q.epoch OR EXISTS (
                    SELECT FROM {schema}.agentrun_queue_tasks t
                    WHERE t.id = (SELECT r.task_id FROM {schema}.agentrun_runs r WHERE r.id = q.run_id)
            """ + LimitQueries.NOT_FULL + "))\n"
            + RunQueries.NOT_ONLY_WAITING;
    private static final String TENANT = "AND q.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND q.project_id = :project_id\n";
    private static final String QUEUE = "AND q.queue = :queue\n";
    private static final String LANE = "AND q.lane = :lane\n";
    private static final String PROFILES = "AND q.backend_profile = ANY (:backend_profiles)\n";
    private static final String FIRST = "ORDER BY q.priority DESC, q.created_at, q.run_id LIMIT :limit";

    /** The sessions of the tasks {@code :new_session_tasks}, bare, as the locks of sessions that are new, by rising id. */
    public static final String INSERT_SESSIONS = """
            INSERT INTO {schema}.agentrun_sessions AS s (
                session_id, tenant_id, project_id, backend_profile, metadata, execution_state, version, created_at,
                updated_at)
            SELECT
                t.session_id, t.tenant_id, t.project_id, t.backend_profile, '{}', 'idle',
                pg_catalog.nextval('{schema}.agentrun_session_version_seq'), n.now, n.now
            FROM (
                SELECT *
                FROM pg_catalog.unnest((SELECT :new_session_tasks)) AS q (task_id)
                LIMIT (SELECT pg_catalog.cardinality(:new_session_tasks))
            ) q
            JOIN {schema}.agentrun_queue_tasks t ON t.id = q.task_id
            CROSS JOIN (SELECT {schema}.agentrun_now() AS now) n
            ORDER BY t.session_id
            ON CONFLICT DO NOTHING
            RETURNING s.session_id, s.created_at
            """;

    /** Takes back the sessions {@code :session_ids}, which this transaction has inserted. */
    public static final String REMOVE_SESSIONS = """
            DELETE FROM {schema}.agentrun_sessions
            WHERE session_id = ANY (:session_ids)
            """;

    /** Those of the sessions {@code :session_ids} that no other transaction has locked; locked now. */
    public static final String LOCK_SESSIONS = "SELECT " + SessionTable.COLUMNS + """
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = ANY (CAST((SELECT :session_ids) AS text[]))
            ORDER BY s.session_id
            FOR NO KEY UPDATE SKIP LOCKED
            """;

    /** The first of the runs {@code :run_ids} that are pending and not locked by another transaction; locked now. */
    public static final String LOCK_RUNS = "SELECT " + RunColumns.ROW_COLUMNS + "FROM " + RunTable.ASKED + """
            JOIN {schema}.agentrun_runs r ON r.id = q.run_id
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            """
            + "WHERE " + PlanGuards.PREFIX + "s.status = 'pending'\n"
            + "ORDER BY s.priority" + PlanGuards.PLUS_ZERO + " DESC, s.created_at, s.run_id\n" + """
            LIMIT (SELECT :most)
            FOR NO KEY UPDATE OF s SKIP LOCKED
            """;

    /** The open commands of the runs {@code :run_ids}, by number. */
    public static final String OPEN_OF_RUNS =
            "SELECT " + CommandTable.COLUMNS + "FROM " + RunTable.ASKED + CommandTable.OPEN_OF_EACH;

    /** The tasks of the runs {@code :run_ids}. */
    public static final String TASKS_OF_RUNS = "SELECT " + TaskTable.COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = ANY (ARRAY(
                SELECT r.task_id
            """ + "FROM " + RunTable.ASKED + """
                JOIN {schema}.agentrun_runs r ON r.id = q.run_id))
            """;

    /**
     * The first of the tasks {@code :task_ids} that are still due and not locked by another transaction, without a session or with
     * one that this transaction has locked and that has no open turn; locked now.
     */
    public static final String LOCK_TASKS =
            """
            WITH mine AS (
                SELECT s.session_id
                FROM {schema}.agentrun_sessions s
                WHERE s.session_id = ANY (CAST((SELECT :session_ids) AS text[]))
                FOR NO KEY UPDATE SKIP LOCKED
            )
            SELECT
            """ + TaskTable.COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = ANY (CAST((SELECT :task_ids) AS text[])) AND
            """ + TaskQueries.PENDING + """
                AND (t.not_before IS NULL OR t.not_before <= {schema}.agentrun_now())
                AND (t.deadline_at IS NULL OR t.deadline_at > {schema}.agentrun_now())
                AND (
                    t.session_id IS NULL
                    OR (
                        t.session_id IN (SELECT session_id FROM mine)
            """ + HeldQueries.SESSION_FREE + """
                    ))
            """
                    + "ORDER BY t.priority" + PlanGuards.PLUS_ZERO + " DESC, t.created_at, t.id\n" + """
            LIMIT (SELECT :most_tasks)
            FOR NO KEY UPDATE OF t SKIP LOCKED
            """;

    private static final MadeSql<String> FILTERED = new MadeSql<>(filter -> PENDING + filter + FIRST);

    private TakeQueries() {}

    /** Adds the pending runs of tasks that the filter accepts; the parameters are those of {@link DueQueries#find}. */
    public static Script.Rows<String> pending(Script script, DispatchRequest filter) {
        StringBuilder sql = new StringBuilder();
        add(sql, filter.scope().tenantId() != null, TENANT);
        add(sql, filter.scope().projectId() != null, PROJECT);
        add(sql, filter.queue() != null, QUEUE);
        add(sql, filter.lane() != null, LANE);
        add(sql, !filter.backendProfiles().isEmpty(), PROFILES);
        return script.query(FILTERED.of(sql.toString()), (row, context) -> Columns.text(row, "run_id"));
    }

    private static void add(StringBuilder sql, boolean given, String condition) {
        if (given) {
            sql.append(condition);
        }
    }
}
