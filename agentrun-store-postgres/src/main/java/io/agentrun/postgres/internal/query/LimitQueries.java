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

    /** The values of the task {@code t}, each with the key for each value of its kind: {@code LimitRules.values} (M-1). */
    private static final String VALUES_OF_TASK = """
            (
                VALUES
                    (CAST('queue' AS text), 'queue' || pg_catalog.chr(10) || t.queue),
                    ('lane', 'lane' || pg_catalog.chr(10) || t.queue || pg_catalog.chr(10) || t.lane),
                    ('tenant', 'tenant' || pg_catalog.chr(10) || t.tenant_id),
                    ('project', 'project' || pg_catalog.chr(10) || t.tenant_id || pg_catalog.chr(10) || t.project_id)
                UNION ALL
                SELECT
                    'label' || pg_catalog.chr(10) || e.name,
                    'label' || pg_catalog.chr(10) || e.name || pg_catalog.chr(10) || e.value
                FROM pg_catalog.jsonb_each_text(t.limit_labels) AS e (name, value)
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

    /** Slots of the value {@code v} for its limit {@code l} that are taken at the time {now}: not {@code LimitRules.isFree}. */
    private static final String OF_VALUE = """
            FROM {schema}.agentrun_limit_slots s
            WHERE s.value_key = v.value AND s.kind = l.kind
            """;

    private static final String TAKEN = """
            CASE
                WHEN l.period IS NULL THEN s.run_id IS NOT NULL
                ELSE s.taken_at IS NOT NULL AND s.taken_at > {now} - l.period
            END
            """;

    private static final String AT_LOOK = "{schema}.agentrun_now()";
    private static final String AT_STEP = "CAST(:slot_now AS timestamptz)";

    /** Whether a limit counts the task {@code t}; the first look finds out that there are no limits at all, once a statement. */
    static final String LIMITED = """
            (EXISTS (SELECT FROM {schema}.agentrun_limits) AND EXISTS (
                SELECT FROM
            """ + VALUES_OF_TASK + "CROSS JOIN LATERAL" + LIMITS_OF_VALUE + "))";

    /** The condition that no limit of the task {@code t} is full (M-4): as many slots are taken as it allows. */
    static final String NOT_FULL = """
            AND (NOT EXISTS (SELECT FROM {schema}.agentrun_limits) OR NOT EXISTS (
                SELECT FROM
            """ + VALUES_OF_TASK + "CROSS JOIN LATERAL" + LIMITS_OF_VALUE + """
                WHERE l.most <= (
                    SELECT pg_catalog.count(*)
            """ + OF_VALUE
            + "AND " + TAKEN.replace("{now}", AT_LOOK) + ")))\n";

    /** The limits of {@code :slot_values}, which {@code :slot_tasks} tasks have. */
    private static final String NEEDS = """
            WITH v AS (
                SELECT u.value, u.every, u.tasks
                FROM unnest(:slot_values, :slot_every, :slot_tasks) AS u (value, every, tasks)
            ), l AS (
                SELECT v.value, v.tasks, l.limit_key, l.kind, l.most, l.period
                FROM v
                CROSS JOIN LATERAL
            """ + LIMITS_OF_VALUE + ")\n";

    private static final String OF_NEED = """
            FROM {schema}.agentrun_limit_slots s
            WHERE s.value_key = l.value AND s.kind = l.kind
            """;

    /**
     * Makes slots where few are free and the limit allows more: some more than are needed, because others take at the same moment. They
     * are inserted in one order by everybody: an insert waits for another one of the same key.
     */
    private static final String GROW = NEEDS + """
            INSERT INTO {schema}.agentrun_limit_slots (value_key, kind, number)
            SELECT l.value, l.kind, g.number
            FROM l
            CROSS JOIN LATERAL (
                SELECT
                    COALESCE(pg_catalog.max(s.number), 0) AS last,
                    pg_catalog.count(*) FILTER (WHERE NOT
            """ + TAKEN.replace("{now}", AT_STEP) + ") AS free\n" + OF_NEED + """
            ) h
            CROSS JOIN LATERAL pg_catalog.generate_series(
                h.last + 1, LEAST(l.most, h.last + l.tasks + 40 - CAST(h.free AS integer))) AS g (number)
            WHERE h.last < l.most AND h.free < l.tasks + 8
            ORDER BY l.value, l.kind, g.number
            ON CONFLICT DO NOTHING
            """;

    /**
     * The limits, each with so many of its free slots as there are tasks, locked; none where there is none that is not locked by others.
     * Only so many may be taken as the limit allows beside those that are taken, whatever their numbers: {@code LimitRules.free} (M-5).
     * Who reads an older state takes lower numbers or none, never one more.
     */
    private static final String LOCK = NEEDS + """
            SELECT
                l.value, l.limit_key, l.kind, l.most,
                CAST(
                pg_catalog.date_part(CAST('epoch' AS text), l.period) * CAST(1000000 AS double precision) AS bigint) AS period_micros,
                f.number
            FROM l
            CROSS JOIN LATERAL (
                SELECT pg_catalog.count(*) AS taken
            """ + OF_NEED + "AND " + TAKEN.replace("{now}", AT_STEP) + """
            ) h
            LEFT JOIN LATERAL (
                SELECT s.number
            """ + OF_NEED
            + "AND NOT " + TAKEN.replace("{now}", AT_STEP) + """
                    AND s.number = ANY (ARRAY(
                        SELECT s.number
            """ + OF_NEED + "AND s.number <= l.most AND NOT "
            + TAKEN.replace("{now}", AT_STEP) + """
                        ORDER BY s.number
                        LIMIT GREATEST(0, l.most - h.taken)))
                ORDER BY s.number
                LIMIT l.tasks
                FOR NO KEY UPDATE SKIP LOCKED
            ) f ON true
            ORDER BY l.value, l.kind, f.number
            """;

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

    /** A limit that counts a value, with one of its free slots; null for none. Immutable. */
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
                .run(GROW);
        return LOCK;
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
