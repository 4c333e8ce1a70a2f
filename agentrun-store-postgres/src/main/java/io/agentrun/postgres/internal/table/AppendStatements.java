package io.agentrun.postgres.internal.table;

import io.agentrun.backend.Shortcuts.Appended;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The statements that append events: each takes the numbers from the run's own row, whose guard it checks, and inserts.
 *
 * <p>Thread-safe.
 */
public final class AppendStatements {

    /** Appends events for the lease holder. */
    public static final String FENCED = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + :event_count
                WHERE run_id = :run_id AND epoch = :epoch AND runner_id = :runner_id
                    AND fence_hash = :fence_hash
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.NUMBERED;

    /** Appends a numbered batch for the lease holder, unless it is not later than the last one. */
    public static final String FENCED_BATCH = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + :event_count,
                    batch_number = :batch_number,
                    batch_first = event_seq + 1,
                    batch_count = :event_count,
                    batch_hash = :batch_hash
                WHERE run_id = :run_id AND epoch = :epoch AND runner_id = :runner_id
                    AND fence_hash = :fence_hash
                    AND (batch_number IS NULL OR batch_number < :batch_number)
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.NUMBERED;

    /** Appends events of the host, whoever holds the run. */
    public static final String UNFENCED = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + :event_count
                WHERE run_id = :run_id AND status IN ('pending', 'claimed', 'running', 'waiting')
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.NUMBERED;

    /** Appends one event for the lease holder. */
    public static final String FENCED_ONE = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + 1
                WHERE run_id = :run_id AND epoch = :epoch AND runner_id = :runner_id
                    AND fence_hash = :fence_hash
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.ONE;

    /** Appends one event of the host, whoever holds the run. */
    public static final String UNFENCED_ONE = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + 1
                WHERE run_id = :run_id AND status IN ('pending', 'claimed', 'running', 'waiting')
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.ONE;

    private static final String ONE = """
            INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
            SELECT :event_id, s.run_id, s.event_seq, :event_type, CAST(:event_payload AS jsonb), {schema}.agentrun_now()
            FROM s
            RETURNING 1 AS item, seq - 1 AS before, created_at AS now
            """;

    private static final String NUMBERED = """
            , e AS (
                INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
                SELECT
                    n.id, s.run_id, s.event_seq - :event_count + n.place, n.type, CAST(n.payload AS jsonb),
                    {schema}.agentrun_now()
                FROM s
                CROSS JOIN unnest((SELECT :event_ids), (SELECT :event_types), (SELECT :event_payloads)) WITH ORDINALITY
                    AS n (id, type, payload, place)
            )
            SELECT 1 AS item, s.event_seq - :event_count AS before, {schema}.agentrun_now() AS now FROM s
            """;

    /**
     * Appends events to many runs, to each for one fence or, without one, for the host. Rows that are locked are skipped, so
     * that no caller waits for another one's run; items that are not among the result are executed alone. Each array comes
     * out of a subquery, which hides its length: the plan is then the same for all lengths, and the server keeps it. The
     * limit cuts nothing off: it lets the server expect few rows and look each one up by its key, also where it has no
     * statistics yet.
     */
    public static final String TOGETHER = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state s
                SET event_seq = s.event_seq + q.event_count,
                    batch_number = COALESCE(q.batch_number, s.batch_number),
                    batch_first = CASE WHEN q.batch_number IS NULL THEN s.batch_first ELSE s.event_seq + 1 END,
                    batch_count = CASE WHEN q.batch_number IS NULL THEN s.batch_count ELSE q.event_count END,
                    batch_hash = COALESCE(q.batch_hash, s.batch_hash)
                FROM (
                    SELECT *
                    FROM unnest(
                        (SELECT :run_ids), (SELECT :runner_ids), (SELECT :epochs), (SELECT :fence_hashes),
                        (SELECT :batch_numbers), (SELECT :batch_hashes), (SELECT :event_counts))
                        WITH ORDINALITY
                        AS q (run_id, runner_id, epoch, fence_hash, batch_number, batch_hash, event_count, item)
                    LIMIT (SELECT pg_catalog.cardinality(:run_ids))
                ) q
                CROSS JOIN LATERAL (
                    SELECT r.run_id
                    FROM {schema}.agentrun_run_state r
                    WHERE r.run_id = q.run_id
                        AND (
                            (r.epoch = q.epoch AND r.runner_id = q.runner_id AND r.fence_hash = q.fence_hash
                                AND (q.batch_number IS NULL OR r.batch_number IS NULL
                                    OR r.batch_number < q.batch_number))
                            OR (q.runner_id IS NULL AND r.status IN ('pending', 'claimed', 'running', 'waiting')))
                    FOR NO KEY UPDATE SKIP LOCKED
                ) l
                WHERE s.run_id = l.run_id
                RETURNING q.item, s.run_id, s.event_seq - q.event_count AS before
            ), e AS (
                INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
                SELECT n.id, s.run_id, s.before + n.place, n.type, CAST(n.payload AS jsonb), {schema}.agentrun_now()
                FROM s
                JOIN unnest(
                    (SELECT :event_items), (SELECT :event_places), (SELECT :event_ids), (SELECT :event_types),
                    (SELECT :event_payloads)) AS n (item, place, id, type, payload) ON n.item = s.item
            )
            SELECT s.item, s.before, {schema}.agentrun_now() AS now FROM s
            """;

    private AppendStatements() {}

    /**
     * One of what {@link #TOGETHER} returns. Immutable.
     *
     * @param item which of those that were given, from 1
     */
    public record AppendedItem(int item, Appended appended) {}

    /** Returns what {@link #TOGETHER} returns. */
    public static AppendedItem appendedItem(ResultSet row, StatementContext context) throws SQLException {
        return new AppendedItem(row.getInt("item"), appended(row, context));
    }

    /** Returns what the other statements return. */
    public static Appended appended(ResultSet row, StatementContext context) throws SQLException {
        return new Appended(row.getLong("before"), Columns.instant(row, "now"));
    }
}
