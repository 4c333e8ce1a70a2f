package io.agentrun.postgres.internal.query;

import io.agentrun.backend.LimitSets;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.LimitTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Which limits count a task, and which of their slots are free: as {@code LimitRules} says.
 *
 * <p>Thread-safe.
 */
public final class LimitQueries {

    /**
     * The values of the task {@code t}, each with the key for each value of its kind: {@code LimitRules.values} (M-1). Those of a kind
     * that has no limit are left out, which is found out once a statement.
     */
    private static final String VALUES_OF_TASK = """
            (
                SELECT CAST('queue' AS text), 'queue' || pg_catalog.chr(10) || t.queue
            """ + ofKind("queue") + """
                UNION ALL
                SELECT 'lane', 'lane' || pg_catalog.chr(10) || t.queue || pg_catalog.chr(10) || t.lane
            """ + ofKind("lane") + """
                UNION ALL
                SELECT 'tenant', 'tenant' || pg_catalog.chr(10) || t.tenant_id
            """ + ofKind("tenant")
            + """
                UNION ALL
                SELECT 'project', 'project' || pg_catalog.chr(10) || t.tenant_id || pg_catalog.chr(10) || t.project_id
            """ + ofKind("project") + """
                UNION ALL
                SELECT
                    'label' || pg_catalog.chr(10) || e.name,
                    'label' || pg_catalog.chr(10) || e.name || pg_catalog.chr(10) || e.value
                FROM pg_catalog.jsonb_each_text(t.limit_labels) AS e (name, value)
            """ + ofKind("label") + """
            ) AS v (every, value)
            """;

    /** The limits of the value {@code v}, its own in place of the one for each: {@code LimitRules.needs} (M-1). */
    private static final String LIMITS_OF_VALUE = """
            (
                SELECT DISTINCT ON (l.kind) l.limit_key, l.kind, l.most, l.period
                FROM {schema}.agentrun_limits l
                WHERE l.limit_key COLLATE "C" IN (v.value COLLATE "C", v.every COLLATE "C")
                ORDER BY l.kind, l.limit_key COLLATE "C" = v.value COLLATE "C" DESC
            ) l
            """;

    /** The slots of the value {@code v} for its limit {@code l}. */
    private static final String OF_VALUE = """
            FROM {schema}.agentrun_limit_slots s
            WHERE s.value_key = v.value AND s.kind = l.kind
            """;

    /**
     * The condition that a slot is free at the time {now}: {@code LimitRules.isFree}. No slot of a limit of starts has a run, so that the
     * index on free slots finds those of both kinds.
     */
    private static final String IS_FREE = """
            AND s.run_id IS NULL AND (l.period IS NULL OR s.taken_at IS NULL OR s.taken_at <= {now} - l.period)
            """;

    private static final String AT_LOOK = "{schema}.agentrun_now()";
    private static final String AT_STEP = "CAST(:slot_now AS timestamptz)";

    /** Whether a limit counts the task {@code t}; the first look finds out that there are no limits at all, once a statement. */
    static final String LIMITED = """
            (EXISTS (SELECT FROM {schema}.agentrun_limits) AND EXISTS (
                SELECT FROM
            """ + VALUES_OF_TASK + "CROSS JOIN LATERAL" + LIMITS_OF_VALUE + "))";

    /**
     * The condition that no limit of the task {@code t} is full (M-4): as many slots are taken as it allows, which are all but the free
     * ones. They are not counted: numbers have no gap, so that there are free ones unless the last number is the limit's, or is above it
     * because the limit was lowered; then more must be free than are above it.
     */
    static final String NOT_FULL =
            """
            AND (NOT EXISTS (SELECT FROM {schema}.agentrun_limits) OR NOT EXISTS (
                SELECT FROM
            """ + VALUES_OF_TASK + "CROSS JOIN LATERAL" + LIMITS_OF_VALUE + """
                CROSS JOIN LATERAL (
                    SELECT COALESCE(pg_catalog.max(s.number), 0) AS last
            """ + OF_VALUE + """
                ) m
                WHERE m.last >= l.most AND NOT EXISTS (
                    SELECT
            """ + OF_VALUE
                    + IS_FREE.replace("{now}", AT_LOOK) + """
                    OFFSET GREATEST(0, m.last - l.most))))
            """;

    /** The limits of {@code :slot_values}, which {@code :slot_tasks} tasks have. */
    private static final String NEEDS = needs("""
                SELECT u.value, u.every, u.tasks
                FROM unnest(:slot_values, :slot_every, :slot_tasks) AS u (value, every, tasks)
            """);

    /**
     * Those of the tasks {@code :task_ids} that this transaction has locked: who has locked a row stands in it. Behind a savepoint, or with a
     * second lock on the row, it stands there otherwise, and the task is not found.
     */
    private static final String IS_MINE =
            "WHERE " + TaskQueries.ASKED + "AND t.xmax = CAST(pg_catalog.pg_current_xact_id() AS xid)\n";

    /** The ids of the tasks whose slots {@link #FREE_OF_MINE} locks. */
    public static final String MINE_IDS = "SELECT t.id\nFROM {schema}.agentrun_queue_tasks t\n" + IS_MINE;

    private static final String NEEDS_OF_MINE = needs("SELECT v.value, v.every, pg_catalog.count(*) AS tasks\n"
            + "FROM {schema}.agentrun_queue_tasks t\nCROSS JOIN LATERAL\n" + VALUES_OF_TASK + IS_MINE
            + "GROUP BY v.value, v.every\n");

    private static final String OF_NEED = """
            FROM {schema}.agentrun_limit_slots s
            WHERE s.value_key = l.value AND s.kind = l.kind
            """;

    /**
     * Makes slots where few are free and the limit allows more: some more than are needed, because others take at the same moment. They
     * are inserted in one order by everybody: an insert waits for another one of the same key.
     */
    private static final String GROW = """
            INSERT INTO {schema}.agentrun_limit_slots (value_key, kind, number)
            SELECT l.value, l.kind, g.number
            FROM l
            CROSS JOIN LATERAL (
                SELECT COALESCE(pg_catalog.max(s.number), 0) AS last
            """ + OF_NEED + """
            ) m
            CROSS JOIN LATERAL (
                SELECT pg_catalog.count(*) AS free
                FROM (
                    SELECT
            """ + OF_NEED + IS_FREE + """
                    LIMIT CASE WHEN m.last < l.most THEN l.tasks + 8 ELSE 0 END) f
            ) h
            CROSS JOIN LATERAL pg_catalog.generate_series(
                m.last + 1, LEAST(l.most, m.last + l.tasks + 40 - CAST(h.free AS integer))) AS g (number)
            WHERE m.last < l.most AND h.free < l.tasks + 8
            ORDER BY l.value, l.kind, g.number
            ON CONFLICT DO NOTHING
            """;

    /**
     * The limits, each with so many of its free slots as there are tasks, locked; none where there is none that is not locked by others.
     * Only so many may be taken as the limit allows beside those that are taken, whatever their numbers: {@code LimitRules.free} (M-5); where
     * no number is above the limit, that is each free one, and otherwise so many of the lowest, which are below it.
     * Who reads an older state takes lower numbers or none, never one more.
     */
    private static final String LOCK =
            """
            SELECT
                l.value, l.limit_key, l.kind, l.most,
                CAST(
                pg_catalog.date_part(CAST('epoch' AS text), l.period) * CAST(1000000 AS double precision) AS bigint) AS period_micros,
                f.number
            FROM l
            CROSS JOIN LATERAL (
                SELECT COALESCE(pg_catalog.max(s.number), 0) AS last
            """ + OF_NEED + """
            ) m
            LEFT JOIN LATERAL (
                SELECT s.number
            """ + OF_NEED + IS_FREE + """
                    AND (m.last <= l.most OR s.number = ANY (ARRAY(
                        SELECT s.number
            """ + OF_NEED + IS_FREE + """
                        ORDER BY s.number
                        LIMIT GREATEST(0, l.most - m.last + (
                            SELECT pg_catalog.count(*)
            """ + OF_NEED + IS_FREE + """
                        )))))
                ORDER BY s.number
                LIMIT l.tasks
                FOR NO KEY UPDATE SKIP LOCKED
            ) f ON true
            ORDER BY l.value, l.kind, f.number
            """;

    /**
     * Locks free slots of those of the tasks {@code :task_ids} that the script has locked. They are free when the statement looks, and
     * taken at the time of the step, which is read behind it.
     */
    public static final String FREE_OF_MINE = NEEDS_OF_MINE + LOCK.replace("{now}", AT_LOOK);

    /**
     * Gives slots of the limit {@code :limit_key} to attempts that are under way and have none: {@code LimitRules.occupied} (M-5). All
     * slots are locked.
     */
    public static final String OCCUPY = """
            WITH counted AS (
                SELECT v.value, a.run_id, t.created_at
                FROM {schema}.agentrun_queue_tasks t
                CROSS JOIN LATERAL (SELECT t.latest_attempt ->> CAST('runId' AS text) AS run_id) a
                CROSS JOIN LATERAL
            """ + VALUES_OF_TASK + """
                WHERE t.state = 'running' AND a.run_id IS NOT NULL AND :limit_key IN (v.value, v.every)
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_run_state p
                        WHERE p.run_id = a.run_id AND p.parked_epoch = p.epoch)
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_limit_slots s
                        WHERE s.run_id = a.run_id AND s.value_key = v.value AND s.kind = 'running')
            ), places AS (
                SELECT
                    c.value, c.run_id,
                    pg_catalog.row_number() OVER (PARTITION BY c.value ORDER BY c.created_at, c.run_id) AS place
                FROM counted c
            ), numbers AS (
                SELECT
                    v.value, g.number, pg_catalog.row_number() OVER (PARTITION BY v.value ORDER BY g.number) AS place
                FROM (SELECT c.value, pg_catalog.count(*) AS runs FROM counted c GROUP BY c.value) v
                CROSS JOIN LATERAL (
                    SELECT pg_catalog.count(*) AS taken
                    FROM {schema}.agentrun_limit_slots s
                    WHERE s.value_key = v.value AND s.kind = 'running' AND s.run_id IS NOT NULL) h
                CROSS JOIN LATERAL pg_catalog.generate_series(1, CAST(h.taken + v.runs AS integer)) AS g (number)
                WHERE NOT EXISTS (
                    SELECT FROM {schema}.agentrun_limit_slots s
                    WHERE s.value_key = v.value AND s.kind = 'running' AND s.number = g.number
                        AND s.run_id IS NOT NULL)
            )
            INSERT INTO {schema}.agentrun_limit_slots (value_key, kind, number, taken_at, run_id)
            SELECT p.value, 'running', n.number, {schema}.agentrun_now(), p.run_id
            FROM places p
            JOIN numbers n ON n.value = p.value AND n.place = p.place
            ON CONFLICT (value_key, kind, number) DO UPDATE
            SET taken_at = EXCLUDED.taken_at, run_id = EXCLUDED.run_id
            """;

    /** Gives back slots of runs that are not open: a host of an earlier version has ended them. All slots are locked. */
    public static final String FREE_STRAYS = """
            UPDATE {schema}.agentrun_limit_slots s
            SET run_id = NULL
            WHERE s.run_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM {schema}.agentrun_run_state r
                WHERE r.run_id = s.run_id AND r.status NOT IN ('completed', 'failed', 'blocked', 'cancelled'))
            """;

    private LimitQueries() {}

    /** The condition that there is a limit of the kind: its key is the kind, or begins with it and a line feed. */
    private static String ofKind(String kind) {
        return """
                WHERE EXISTS (
                    SELECT FROM {schema}.agentrun_limits k
                    WHERE k.limit_key COLLATE "C" >= '{kind}' AND k.limit_key COLLATE "C" < '{kind}' || pg_catalog.chr(11))
                """.replace("{kind}", kind);
    }

    private static String needs(String values) {
        return "WITH v AS MATERIALIZED (\n" + values + """
                ), l AS (
                    SELECT v.value, v.tasks, l.limit_key, l.kind, l.most, l.period
                    FROM v
                    CROSS JOIN LATERAL
                """ + LIMITS_OF_VALUE + ")\n";
    }

    /**
     * A limit that counts a value, with one of its free slots; null for none. Immutable.
     */
    public record FreeSlot(
            String value, Limit limit, @Nullable Integer number) {}

    /** Adds that slots are made, and returns the statement that locks free ones. */
    public static String free(Script script, Map<LimitKey, Integer> tasksOfValues, Instant now) {
        List<LimitKey> values = List.copyOf(tasksOfValues.keySet());
        script.bindArray(
                        "slot_values",
                        "text",
                        values.stream().map(LimitSets::text).toArray())
                .bindArray(
                        "slot_every",
                        "text",
                        values.stream()
                                .map(value -> LimitSets.text(value.toEach()))
                                .toArray())
                .bindArray(
                        "slot_tasks",
                        "integer",
                        values.stream().map(tasksOfValues::get).toArray())
                .bind("slot_now", now)
                .run(NEEDS + GROW.replace("{now}", AT_STEP));
        return NEEDS + LOCK.replace("{now}", AT_STEP);
    }

    /** Returns a row of the statement that locks free slots. */
    public static FreeSlot slot(ResultSet row, StatementContext context) throws SQLException {
        Long number = Columns.longOrNull(row, "number");
        return new FreeSlot(
                Columns.text(row, "value"),
                LimitTable.limit(row, context),
                number == null ? null : (Integer) number.intValue());
    }
}
