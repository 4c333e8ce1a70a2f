package io.agentrun.postgres.internal.query;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts queue tasks, in one statement and therefore at one moment: one queue, lane and state after the other, each from its
 * stretch of an index that holds nothing else. What waits is due unless its time is still to come, and only that is looked
 * up; the oldest that waits is the first in an index of its own.
 *
 * <p>Thread-safe.
 */
public final class TaskStatistics {

    private static final String FIRST_KIND = """
            WITH RECURSIVE kinds AS (
                (
                    SELECT t.queue, t.lane, t.state
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE true
            """;
    private static final String NEXT_KINDS = """
                    ORDER BY t.queue, t.lane, t.state
                    LIMIT 1
                )
                UNION ALL
                SELECT n.queue, n.lane, n.state
                FROM kinds k
                CROSS JOIN LATERAL (
                    SELECT t.queue, t.lane, t.state
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE (t.queue, t.lane, t.state) > (k.queue, k.lane, k.state)
            """;
    private static final String COUNTED = """
                    ORDER BY t.queue, t.lane, t.state
                    LIMIT 1
                ) n
            ), counted AS (
                SELECT k.lane, k.state, CAST(pg_catalog.sum(c.tasks) AS bigint) AS tasks
                FROM kinds k
                CROSS JOIN LATERAL (
                    SELECT pg_catalog.count(*) AS tasks
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE t.queue = k.queue AND t.lane = k.lane AND t.state = k.state
            """;
    private static final String LATER = """
                ) c
                GROUP BY k.lane, k.state
                HAVING CAST(pg_catalog.sum(c.tasks) AS bigint) > 0
            ), later AS (
                SELECT pg_catalog.count(*) AS tasks
                FROM {schema}.agentrun_queue_tasks t
                WHERE
            """ + TaskQueries.PENDING + """
                AND t.delayed AND t.not_before > {schema}.agentrun_now()
            """;
    private static final String WAITING = """
            ), waiting AS (
                SELECT pg_catalog.count(*) AS tasks
                FROM {schema}.agentrun_run_state t
                WHERE t.status = 'waiting' AND t.queue IS NOT NULL
            """;
    private static final String OLDEST = """
            ), oldest AS (
                SELECT t.created_at
                FROM {schema}.agentrun_queue_tasks t
                WHERE t.state = 'pending'
            """;
    private static final String STATS = """
                ORDER BY t.created_at
                LIMIT 1
            ), stats AS (
                SELECT
                    {schema}.agentrun_now() AS now,
                    (SELECT o.created_at FROM oldest o) AS oldest,
                    (SELECT w.tasks FROM waiting w) AS waiting,
                    CAST(COALESCE(
                        (SELECT pg_catalog.sum(c.tasks) FROM counted c WHERE c.state = 'pending'), 0) AS bigint) - l.tasks AS due,
                    (
                        SELECT pg_catalog.jsonb_build_object('counts', COALESCE(
                            pg_catalog.jsonb_agg(
                                pg_catalog.jsonb_build_object('lane', c.lane, 'state', c.state, 'tasks', c.tasks)),
                            '[]'))
                        FROM counted c
                    ) AS counts
                FROM later l
            )
            """;
    private static final String ALONE = "SELECT s.now, s.oldest, s.due, s.waiting, s.counts FROM stats s";
    private static final String WITH_HEAD =
            "SELECT s.now, s.oldest, s.due, s.waiting, s.counts, " + TaskTable.COLUMNS + """
            FROM stats s
            LEFT JOIN (
                SELECT h.id
                FROM {schema}.agentrun_queue_tasks h
                WHERE h.id = ANY (ARRAY(
                    SELECT l.id
                    FROM {schema}.agentrun_task_lists l
                    WHERE true
            """;
    private static final String HEAD = """
                    ORDER BY l.priority DESC, l.created_at, l.id
                    LIMIT :limit))
            ) head ON true
            LEFT JOIN {schema}.agentrun_queue_tasks t ON t.id = head.id
            ORDER BY t.priority DESC, t.created_at, t.id
            """;

    private TaskStatistics() {}

    /** A row of a snapshot: the numbers, the same in each, and one of the first tasks, if there is one. Immutable. */
    public record SnapshotRow(QueueStats stats, @Nullable QueueTask task) {}

    /** Adds the numbers of the scope. */
    public static Script.Rows<QueueStats> stats(Script script, QueueScope scope) {
        TaskQueries.bindScope(script, scope);
        return script.query(counted(scope) + ALONE, (row, context) -> stats(row, scope));
    }

    /** Adds the numbers of the scope beside its first tasks. */
    public static Script.Rows<SnapshotRow> snapshot(Script script, QueueScope scope, long limit) {
        script.bind("limit", limit);
        TaskQueries.bindScope(script, scope);
        String sql = counted(scope) + WITH_HEAD + TaskQueries.listed(scope) + HEAD;
        return script.bind("page_bytes", PageSql.MOST)
                .page(
                        sql,
                        TaskQueries.OBJECTS,
                        (row, context) -> new SnapshotRow(
                                stats(row, scope),
                                row.getString("id") == null ? null : Columns.readable(TaskTable::task, row, context)));
    }

    private static String counted(QueueScope scope) {
        String within = TaskQueries.within(scope);
        String inQueue = TaskQueries.inQueue(scope);
        return FIRST_KIND
                + inQueue
                + NEXT_KINDS
                + inQueue
                + COUNTED
                + within
                + LATER
                + within
                + WAITING
                + within
                + OLDEST
                + within
                + STATS;
    }

    /** Returns the state, or null for one of a later version. */
    private static @Nullable TaskState known(String wire) {
        for (TaskState state : TaskState.values()) {
            if (state.wire().equals(wire)) {
                return state;
            }
        }
        return null;
    }

    private static QueueStats stats(ResultSet row, QueueScope scope) throws SQLException {
        Map<TaskState, Long> byState = new EnumMap<>(TaskState.class);
        Map<String, Map<TaskState, Long>> byLane = new HashMap<>();
        JsonObject counts = Columns.json(row, "counts");
        for (JsonNode count : counts.toJsonNode().path("counts")) {
            TaskState state = known(count.path("state").textValue());
            if (state == null) {
                continue;
            }
            long tasks = count.path("tasks").longValue();
            byState.merge(state, tasks, Long::sum);
            byLane.computeIfAbsent(count.path("lane").textValue(), lane -> new EnumMap<>(TaskState.class))
                    .merge(state, tasks, Long::sum);
        }
        return new QueueStats(
                scope,
                byState,
                byLane,
                row.getLong("due"),
                row.getLong("waiting"),
                Columns.instantOrNull(row, "oldest"),
                Columns.instant(row, "now"));
    }
}
