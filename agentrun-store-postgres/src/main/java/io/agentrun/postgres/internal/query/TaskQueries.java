package io.agentrun.postgres.internal.query;

import io.agentrun.backend.Cursors;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.PlanGuards;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import java.util.List;

/**
 * The statements that list queue tasks, and that lock one to be dispatched; {@link DueQueries} finds it.
 *
 * <p>Thread-safe.
 */
public final class TaskQueries {

    /** The columns of a task that hold JSON of any size. */
    public static final List<String> OBJECTS = List.of(
            "workspace_ref",
            "execution_policy",
            "resource_bundle_ref",
            "trace_sink",
            "payload",
            "reference_items",
            "metadata",
            "session_ref",
            "latest_attempt",
            "retries");

    private static final String TENANT = "AND t.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND t.project_id = :project_id\n";
    private static final String QUEUE = "AND t.queue = :queue\n";

    /**
     * Lists go along agentrun_task_lists, which no change of a task touches; tasks in one state along the index of states.
     */
    private static final String ALL_LISTED = "agentrun_task_lists";

    private static final String OF_STATE = "agentrun_queue_tasks";
    private static final String LISTED_TENANT = "AND l.tenant_id = :tenant_id\n";
    private static final String LISTED_PROJECT = "AND l.project_id = :project_id\n";
    private static final String LISTED_QUEUE = "AND l.queue = :queue\n";
    private static final String LISTED_LANE = "AND l.lane = :lane\n";
    private static final String LISTED_STATE = "AND l.state = :state\n";

    private static final String LIST = """
            WITH page AS (
                SELECT l.id, l.priority, l.created_at
                FROM {schema}.{listed} l
                WHERE true
            """;

    private static final String LISTED = """
                ORDER BY l.priority DESC, l.created_at, l.id
                LIMIT :limit
            )
            SELECT
            """ + TaskTable.COLUMNS + """
            FROM page p
            JOIN {schema}.agentrun_queue_tasks t ON t.id = p.id
            ORDER BY p.priority DESC, p.created_at, p.id
            """;

    /** A page that begins inside a priority goes on in it, then with the lower ones: each part is one range of an index. */
    private static final String AFTER_SAME = """
            WITH page AS (
                (SELECT l.id, l.priority, l.created_at
                FROM {schema}.{listed} l
                WHERE l.priority = :after_priority AND (l.created_at, l.id) > (:after_at, :after_id)
            """;

    private static final String AFTER_LOWER = """
                ORDER BY l.created_at, l.id
                LIMIT :limit)
                UNION ALL
                (SELECT l.id, l.priority, l.created_at
                FROM {schema}.{listed} l
                WHERE l.priority < :after_priority
            """;
    private static final String AFTER_BOTH = """
                ORDER BY l.priority DESC, l.created_at, l.id
                LIMIT :limit)
                ORDER BY priority DESC, created_at, id
                LIMIT :limit
            )
            SELECT
            """ + TaskTable.COLUMNS + """
            FROM page p
            JOIN {schema}.agentrun_queue_tasks t ON t.id = p.id
            ORDER BY p.priority DESC, p.created_at, p.id
            """;

    /** The condition of a task whose state is hidden from all indexes, or that has the one of the delayed tasks. */
    static final String PENDING = "t.state" + PlanGuards.SUFFIX + " = 'pending'\n";

    /**
     * The condition that a task is among {@code :task_ids}. The query around the parameter hides the length of the array, which
     * would be a reason to plan the statement anew each time.
     */
    static final String ASKED = "t.id = ANY (CAST((SELECT :task_ids) AS text[]))\n";

    /**
     * The first of the tasks that are {@link #ASKED} for that is still due and not locked by another transaction; locked now
     * ({@link PlanGuards}).
     */
    public static final String LOCK_FIRST = "SELECT " + TaskTable.COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            """ + "WHERE " + ASKED + "AND " + PENDING
            + """
                AND (t.not_before IS NULL OR t.not_before <= {schema}.agentrun_now())
            """ + OverdueQueries.IN_TIME + "ORDER BY t.priority"
            + PlanGuards.PLUS_ZERO + " DESC, t.created_at, t.id\n" + """
            LIMIT 1
            FOR NO KEY UPDATE OF t SKIP LOCKED
            """;

    /**
     * The task {@code :task_id}, locked, if it is still due and not locked by another transaction, its session {@code
     * :session_id} is locked by this transaction and has no open turn. A turn is opened under the session's lock only.
     */
    public static final String LOCK_WITH_SESSION = """
            WITH mine AS (
                SELECT s.session_id
                FROM {schema}.agentrun_sessions s
                WHERE s.session_id = :session_id
                FOR NO KEY UPDATE SKIP LOCKED
            )
            SELECT
            """ + TaskTable.COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = :task_id AND
            """ + PENDING + """
                AND (t.not_before IS NULL OR t.not_before <= {schema}.agentrun_now())
                AND (t.deadline_at IS NULL OR t.deadline_at > {schema}.agentrun_now())
                AND EXISTS (SELECT FROM mine)
                AND NOT EXISTS (
                    SELECT FROM {schema}.agentrun_commands c
                    WHERE c.session_id = :session_id AND c.ordinal > 0
                        AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged'))
            FOR NO KEY UPDATE OF t SKIP LOCKED
            """;

    /**
     * The session of the task {@code :task_id}, bare, as the lock of a session that is new; no row comes back where there is
     * one already.
     */
    public static final String INSERT_SESSION = """
            INSERT INTO {schema}.agentrun_sessions AS s (
                session_id, tenant_id, project_id, backend_profile, metadata, execution_state, version, created_at,
                updated_at)
            SELECT
                t.session_id, t.tenant_id, t.project_id, t.backend_profile, '{}', 'idle',
                pg_catalog.nextval('{schema}.agentrun_session_version_seq'), n.now, n.now
            FROM {schema}.agentrun_queue_tasks t
            CROSS JOIN (SELECT {schema}.agentrun_now() AS now) n
            WHERE t.id = :task_id
            ON CONFLICT DO NOTHING
            RETURNING s.version, s.created_at
            """;

    /** Takes back the session {@code :session_id}, which this transaction has inserted. */
    public static final String REMOVE_SESSION = """
            DELETE FROM {schema}.agentrun_sessions
            WHERE session_id = :session_id
            """;

    private TaskQueries() {}

    /**
     * Adds one page of tasks, in the order of the queue.
     *
     * @param after the keys of the last task that was shown: priority, time and id; none for the first page
     */
    public static Script.Rows<QueueTask> list(Script script, QueueQuery query, long limit, List<String> after) {
        QueueScope scope = new QueueScope(query.scope(), query.queue());
        bindScope(script.bind("limit", limit), scope);
        StringBuilder filter = new StringBuilder(listed(scope));
        if (query.lane() != null) {
            filter.append(LISTED_LANE);
            script.bind("lane", query.lane());
        }
        if (query.state() != null) {
            filter.append(LISTED_STATE);
            script.bind("state", query.state().wire());
        }
        String sql = LIST + filter + LISTED;
        if (!after.isEmpty()) {
            AfterKeys.bind(script.bind("after_priority", Cursors.number(after.get(0))), after.get(1), after.get(2));
            sql = AFTER_SAME + filter + AFTER_LOWER + filter + AFTER_BOTH;
        }
        String table = query.state() == null ? ALL_LISTED : OF_STATE;
        return script.page(sql.replace("{listed}", table), OBJECTS, TaskTable::task);
    }

    /** Returns the condition that a row {@code l} is in the scope: see {@link #bindScope}. */
    static String listed(QueueScope scope) {
        return Scopes.conditions(scope.scope(), LISTED_TENANT, LISTED_PROJECT)
                + (scope.queue() == null ? "" : LISTED_QUEUE);
    }

    /** Returns the condition that a task is in the scope: see {@link #bindScope}. */
    static String within(QueueScope scope) {
        return Scopes.conditions(scope.scope(), TENANT, PROJECT) + inQueue(scope);
    }

    /** Returns the condition that a task is in the queue of the scope, whoever owns it. */
    static String inQueue(QueueScope scope) {
        return scope.queue() == null ? "" : QUEUE;
    }

    /** Gives the conditions their parameters. */
    static void bindScope(Script script, QueueScope scope) {
        Scopes.bind(script, scope.scope());
        if (scope.queue() != null) {
            script.bind("queue", scope.queue());
        }
    }
}
