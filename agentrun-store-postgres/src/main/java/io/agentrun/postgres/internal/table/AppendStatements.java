package io.agentrun.postgres.internal.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
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
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.NUMBERED;

    /** Appends events of the host, whoever holds the run. */
    public static final String UNFENCED = """
            WITH s AS (
                UPDATE {schema}.agentrun_run_state
                SET event_seq = event_seq + :event_count
                WHERE run_id = :run_id AND status IN ('pending', 'claimed', 'running')
                RETURNING run_id, event_seq
            )
            """ + AppendStatements.NUMBERED;

    private static final String NUMBERED = """
            , e AS (
                INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
                SELECT
                    n.id, s.run_id, s.event_seq - :event_count + n.place, n.type, CAST(n.payload AS jsonb),
                    {schema}.agentrun_now()
                FROM s
                CROSS JOIN unnest(:event_ids, :event_types, :event_payloads) WITH ORDINALITY
                    AS n (id, type, payload, place)
            )
            SELECT 0 AS item, s.event_seq - :event_count AS before, {schema}.agentrun_now() AS now FROM s
            """;

    /**
     * Appends the events of many callers. Rows are locked by rising id; one that somebody else has locked is passed over, so
     * that nobody waits for a stranger's run. Callers that are not among the result try alone.
     */
    public static final String TOGETHER = """
            WITH locked AS (
                SELECT s.run_id, s.event_seq, s.epoch, s.runner_id, s.status
                FROM {schema}.agentrun_run_state s
                WHERE s.run_id = ANY (:run_ids)
                ORDER BY s.run_id
                FOR NO KEY UPDATE SKIP LOCKED
            ), accepted AS (
                SELECT
                    q.item, q.run_id, q.event_count,
                    l.event_seq - q.event_count
                        + CAST(sum(q.event_count) OVER (PARTITION BY q.run_id ORDER BY q.item) AS bigint) AS before
                FROM unnest(:run_ids, :runner_ids, :epochs, :event_counts) WITH ORDINALITY
                    AS q (run_id, runner_id, epoch, event_count, item)
                JOIN locked l
                    ON l.run_id = q.run_id
                    AND (
                        (q.runner_id IS NOT NULL AND l.epoch = q.epoch AND l.runner_id = q.runner_id)
                        OR (q.runner_id IS NULL AND l.status IN ('pending', 'claimed', 'running')))
            ), counted AS (
                UPDATE {schema}.agentrun_run_state s
                SET event_seq = s.event_seq + t.event_count
                FROM (SELECT run_id, sum(event_count) AS event_count FROM accepted GROUP BY run_id) t
                WHERE s.run_id = t.run_id
            ), e AS (
                INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
                SELECT n.id, a.run_id, a.before + n.place, n.type, CAST(n.payload AS jsonb), {schema}.agentrun_now()
                FROM accepted a
                JOIN unnest(:event_items, :event_places, :event_ids, :event_types, :event_payloads)
                    AS n (item, place, id, type, payload) ON n.item = a.item
            )
            SELECT a.item, a.before, {schema}.agentrun_now() AS now FROM accepted a
            """;

    private AppendStatements() {}

    /**
     * What an append was given. Immutable.
     *
     * @param item which caller's, from 1; 0 where there is only one
     * @param before the number after which its events stand
     * @param at when they were appended
     */
    public record Appended(long item, long before, Instant at) {}

    /** What the statements return. */
    public static Appended appended(ResultSet row, StatementContext context) throws SQLException {
        return new Appended(row.getLong("item"), row.getLong("before"), Columns.instant(row, "now"));
    }
}
