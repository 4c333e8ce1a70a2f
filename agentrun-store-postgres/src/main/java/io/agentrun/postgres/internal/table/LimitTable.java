package io.agentrun.postgres.internal.table;

import io.agentrun.backend.LimitSets;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.rules.limit.LimitSlot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_limits} and {@code agentrun_limit_slots}. Keys and values are texts of {@link LimitSets#text}.
 *
 * <p>Thread-safe.
 */
public final class LimitTable {

    /** A period is written from microseconds and read as them: no interval of ours has days or months. */
    private static final String COLUMNS = """
            l.limit_key, l.kind, l.most,
            CAST(
                pg_catalog.date_part(CAST('epoch' AS text), l.period) * CAST(1000000 AS double precision) AS bigint) AS period_micros
            """;

    /** The limits, in the order of their list. */
    private static final String LIST = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_limits l
            WHERE true
            """;

    private static final String AFTER = "AND (l.limit_key, l.kind) > (:after_key, :after_kind)\n";
    private static final String IN_ORDER = "ORDER BY l.limit_key, l.kind LIMIT :limit";

    /** The limits that have one of {@code :limit_keys}. */
    private static final String BY_KEYS = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_limits l
            WHERE l.limit_key = ANY (:limit_keys)
            """;

    /** The slots of {@code :slot_values}. */
    private static final String SLOTS = """
            SELECT s.value_key, s.kind, s.number, s.taken_at, s.run_id
            FROM {schema}.agentrun_limit_slots s
            WHERE s.value_key = ANY (:slot_values)
            """;

    /** The limit, inserted or replaced. */
    private static final String PUT = """
            INSERT INTO {schema}.agentrun_limits (limit_key, kind, most, period)
            VALUES (
                :limit_key, :limit_kind, CAST(:limit_most AS integer),
                CAST(:limit_micros AS double precision) * interval '1 microsecond')
            ON CONFLICT (limit_key, kind) DO UPDATE
            SET most = EXCLUDED.most, period = EXCLUDED.period
            """;

    private static final String DELETE = """
            DELETE FROM {schema}.agentrun_limits
            WHERE limit_key = :limit_key AND kind = :limit_kind
            """;

    /** Takes slots, which are locked. The limit is for the plan. */
    public static final String TAKE = """
            UPDATE {schema}.agentrun_limit_slots s
            SET taken_at = n.taken_at, run_id = n.run_id
            FROM (
                SELECT *
                FROM unnest(:taken_value, :taken_kind, :taken_number, :taken_at, :taken_run)
                    AS u (value_key, kind, number, taken_at, run_id)
                LIMIT (SELECT pg_catalog.cardinality(:taken_value))
            ) n
            WHERE s.value_key = n.value_key AND s.kind = n.kind AND s.number = n.number
            RETURNING s.number
            """;

    /** Gives back the slots that the runs {@code :freed_runs} have. */
    public static final String FREE = """
            UPDATE {schema}.agentrun_limit_slots
            SET run_id = NULL
            WHERE run_id = ANY (:freed_runs)
            """;

    /**
     * Waits until nobody reads or writes slots, and keeps everybody out. The wait is longer than the second after which the server
     * ends a vacuum that is in the way.
     */
    public static final String WAIT_BRIEFLY = "SELECT pg_catalog.set_config('lock_timeout', '3000', true)";

    /** See {@link #WAIT_BRIEFLY}. */
    public static final String LOCK_ALL = "LOCK TABLE {schema}.agentrun_limit_slots IN ACCESS EXCLUSIVE MODE";

    private LimitTable() {}

    /** Adds a page of the limits. */
    public static Script.Rows<Limit> list(Script script, List<String> after, int limit) {
        script.bind("limit", limit);
        if (!after.isEmpty()) {
            script.bind("after_key", after.get(0)).bind("after_kind", after.get(1));
        }
        return script.query(LIST + (after.isEmpty() ? "" : AFTER) + IN_ORDER, LimitTable::limit);
    }

    /** Adds the limits that have one of the keys. */
    public static Script.Rows<Limit> byKeys(Script script, Collection<LimitKey> keys) {
        script.bindArray("limit_keys", "text", texts(keys));
        return script.query(BY_KEYS, LimitTable::limit);
    }

    /** Adds the slots of the values. */
    public static Script.Rows<LimitSlot> slots(Script script, Collection<LimitKey> values) {
        script.bindArray("slot_values", "text", texts(values));
        return script.query(SLOTS, LimitTable::slot);
    }

    private static Object[] texts(Collection<LimitKey> keys) {
        return keys.stream().map(LimitSets::text).toArray();
    }

    /** Adds that the limit is inserted or replaced; null takes it away. */
    public static void put(Script script, LimitKey key, LimitKind kind, @Nullable Limit limit) {
        script.bind("limit_key", LimitSets.text(key)).bind("limit_kind", kind.wire());
        if (limit == null) {
            script.run(DELETE);
            return;
        }
        Duration period = limit.period();
        script.bind("limit_most", limit.most())
                .bind("limit_micros", period == null ? null : (Long) (period.toNanos() / 1_000))
                .run(PUT);
    }

    /** Gives {@link #TAKE} its parameters. */
    public static void bindTaken(Script script, List<LimitSlot> slots) {
        text(script, "taken_value", slots, slot -> LimitSets.text(slot.value()));
        text(script, "taken_kind", slots, slot -> slot.kind().wire());
        script.bindArray(
                "taken_number", "integer", slots.stream().map(LimitSlot::number).toArray());
        List<@Nullable Instant> times = slots.stream().map(LimitSlot::takenAt).toList();
        script.bindTimes("taken_at", times);
        text(script, "taken_run", slots, LimitSlot::runId);
    }

    private static void text(
            Script script, String name, List<LimitSlot> slots, Function<LimitSlot, @Nullable String> value) {
        script.bindArray(name, "text", slots.stream().map(value).toArray());
    }

    /** Returns the limit in the row. */
    public static Limit limit(ResultSet row, StatementContext context) throws SQLException {
        Long micros = Columns.longOrNull(row, "period_micros");
        return new Limit(
                LimitSets.key(Columns.text(row, "limit_key")),
                row.getInt("most"),
                micros == null ? null : Duration.of(micros, ChronoUnit.MICROS));
    }

    private static LimitSlot slot(ResultSet row, StatementContext context) throws SQLException {
        return new LimitSlot(
                LimitSets.key(Columns.text(row, "value_key")),
                LimitKind.fromWire("kind", Columns.text(row, "kind")),
                row.getInt("number"),
                Columns.instantOrNull(row, "taken_at"),
                row.getString("run_id"));
    }
}
