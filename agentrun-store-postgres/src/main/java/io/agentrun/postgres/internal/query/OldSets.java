package io.agentrun.postgres.internal.query;

import io.agentrun.backend.OldRecord;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Deletes old tasks and sessions together: one script locks those that are free and still have the version that a search has seen,
 * another one deletes them. What is more than a page holds is locked and not read; the engine tries it alone. The arrays {@code :ids} and {@code :versions} name them; subqueries and limits are for the plan: as in
 * {@link io.agentrun.postgres.internal.table.AppendStatements#TOGETHER}.
 *
 * <p>Thread-safe.
 */
public final class OldSets {

    /** A session with more runs than this is left to the engine, so that a script never reads very many runs. */
    private static final String MOST_RUNS = "20";

    private static final String ASKED = """
            (
                SELECT *
                FROM unnest((SELECT :ids), (SELECT :versions)) AS q (id, version)
                LIMIT (SELECT pg_catalog.cardinality(:ids))
            ) q
            """;

    private static final String LOCK_TASKS = "SELECT " + TaskTable.COLUMNS + "FROM " + ASKED + """
            JOIN {schema}.agentrun_queue_tasks t ON t.id = q.id
            WHERE t.version + 0 = q.version
            FOR UPDATE OF t SKIP LOCKED
            """;

    private static final String LOCK_SESSIONS = "SELECT " + SessionTable.COLUMNS + "FROM " + ASKED + """
            JOIN {schema}.agentrun_sessions s ON s.session_id = q.id
            WHERE s.version + 0 = q.version
            FOR UPDATE OF s SKIP LOCKED
            """;

    private static final String RUNS_OF_SESSION = """
            SELECT r.id
            FROM {schema}.agentrun_runs r
            WHERE r.session_id = :session_id
            LIMIT :limit
            """;

    /** How many runs each of the sessions has, up to one more than are deleted here. */
    private static final String COUNT_RUNS =
            "SELECT q.id AS session_id, n.runs\n" + "FROM " + ASKED + """
            CROSS JOIN LATERAL (
                SELECT pg_catalog.count(*) AS runs
                FROM (SELECT FROM {schema}.agentrun_runs o WHERE o.session_id = q.id LIMIT {most} + 1) o
            ) n
            """.replace("{most}", MOST_RUNS);

    /** The ended runs of the sessions. */
    private static final String LOCK_RUNS =
            "SELECT " + RunColumns.ROW_COLUMNS + "FROM " + ASKED + """
            CROSS JOIN LATERAL (
                SELECT o.id
                FROM {schema}.agentrun_runs o
                WHERE o.session_id = q.id
                LIMIT {most}
            ) n
            JOIN {schema}.agentrun_runs r ON r.id = n.id
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE '' || s.status IN ('completed', 'failed', 'blocked', 'cancelled')
            FOR UPDATE OF s SKIP LOCKED
            """.replace("{most}", MOST_RUNS);

    private static final String GONE = " = ANY (CAST((SELECT :gone) AS text[]))";
    private static final String GONE_RUNS = " = ANY (CAST((SELECT :gone_runs) AS text[]))";

    /** The tasks {@code :gone}; what lists show of them and their read marks go with them. */
    private static final String DELETE_TASKS = "DELETE FROM {schema}.agentrun_queue_tasks WHERE id" + GONE;

    private static final String DELETE_EVENTS = "DELETE FROM {schema}.agentrun_events WHERE run_id" + GONE_RUNS;

    /** The runs {@code :gone_runs} with their states, commands, questions and jobs. */
    private static final String DELETE_RUNS = "DELETE FROM {schema}.agentrun_runs WHERE id" + GONE_RUNS;

    /** The sessions {@code :gone}; their read marks and the leases of collectors go with them. */
    private static final String DELETE_SESSIONS = "DELETE FROM {schema}.agentrun_sessions WHERE session_id" + GONE;

    private OldSets() {}

    /** How many runs a session has. Immutable. */
    private record Count(String sessionId, int runs) {}

    private static Count count(ResultSet row, StatementContext context) throws SQLException {
        return new Count(Columns.text(row, "session_id"), row.getInt("runs"));
    }

    /** Adds the ids of at most {@code :limit} runs of the session {@code :session_id}. */
    public static Script.Rows<String> runsOfSession(Script script) {
        return script.query(RUNS_OF_SESSION, (row, context) -> Columns.text(row, "id"));
    }

    /** Deletes those of the tasks that are free, unchanged and can be read, and returns their ids. */
    public static List<String> deleteTasks(Tx tx, List<OldRecord> found) {
        Script locking = bind(found);
        Script.Rows<QueueTask> tasks =
                locking.pageFree(tx, Rank.TASK, LOCK_TASKS, TaskQueries.OBJECTS, TaskTable::task);
        tx.execute(locking);
        List<String> gone = tasks.readable().stream().map(QueueTask::id).toList();
        if (!gone.isEmpty()) {
            tx.execute(new Script().bindArray("gone", "text", gone.toArray()).run(DELETE_TASKS));
        }
        return gone;
    }

    /**
     * Deletes those of the sessions that are free, unchanged and can be read, and whose runs are few, have ended, are free and can be read;
     * returns their ids.
     */
    public static List<String> deleteSessions(Tx tx, List<OldRecord> found) {
        Script locking = bind(found);
        Script.Rows<Session> sessions =
                locking.pageFree(tx, Rank.SESSION, LOCK_SESSIONS, SessionQueries.OBJECTS, SessionTable::session);
        Script.Rows<Count> counts = locking.query(COUNT_RUNS, OldSets::count);
        Script.Rows<RunRow> runs = locking.pageFree(tx, Rank.RUN, LOCK_RUNS, RunColumns.OBJECTS, RunColumns::row);
        tx.execute(locking);
        Map<String, Integer> all = counts.all().stream().collect(Collectors.toMap(Count::sessionId, Count::runs));
        Map<String, List<String>> ended = runs.readable().stream()
                .map(RunRow::run)
                .collect(Collectors.groupingBy(
                        run -> String.valueOf(run.sessionId()),
                        Collectors.mapping(run -> run.id(), Collectors.toList())));
        List<String> gone = sessions.readable().stream()
                .map(Session::id)
                .filter(id -> all.getOrDefault(id, 0)
                        == ended.getOrDefault(id, List.of()).size())
                .toList();
        if (!gone.isEmpty()) {
            Object[] goneRuns = gone.stream()
                    .flatMap(id -> ended.getOrDefault(id, List.of()).stream())
                    .toArray();
            tx.execute(new Script()
                    .bindArray("gone", "text", gone.toArray())
                    .bindArray("gone_runs", "text", goneRuns)
                    .run(DELETE_EVENTS)
                    .run(DELETE_RUNS)
                    .run(DELETE_SESSIONS));
        }
        return gone;
    }

    private static Script bind(List<OldRecord> found) {
        return new Script()
                .bind("page_bytes", PageSql.MOST)
                .bindArray("ids", "text", found.stream().map(OldRecord::id).toArray())
                .bindArray(
                        "versions",
                        "bigint",
                        found.stream().map(OldRecord::version).toArray());
    }
}
