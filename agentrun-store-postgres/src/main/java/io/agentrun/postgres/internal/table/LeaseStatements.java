package io.agentrun.postgres.internal.table;

import io.agentrun.command.Command;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelRequest;
import io.agentrun.postgres.internal.db.Script;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The steps of a lease holder that are one statement each. A row of {@code agentrun_run_state} has a runner exactly while
 * it is leased, so that epoch, runner and the hash of the token are the whole guard; it stands on the row that the statement
 * itself locks.
 *
 * <p>Thread-safe.
 */
public final class LeaseStatements {

    /** Sets the lease anew. */
    public static final String HEARTBEAT = """
            UPDATE {schema}.agentrun_run_state s
            SET lease_expires_at = {schema}.agentrun_now() + CAST(:lease_micros AS double precision) * interval '1 microsecond'
            WHERE s.run_id = :run_id AND s.epoch = :epoch AND s.runner_id = :runner_id
                AND s.fence_hash = :fence_hash
            RETURNING s.lease_expires_at, s.cancel_requested_at, s.cancel_reason,
                EXISTS (
                    SELECT FROM {schema}.agentrun_commands c
                    WHERE c.run_id = s.run_id
                        AND c.terminal_status || '' IS NULL AND c.state = 'pending' AND c.deliverable) AS commands_waiting
            """;

    /**
     * Sets many leases anew, each for its fence. Rows that are locked are skipped; items that are not among the result are
     * executed alone. Arrays and limit: as in {@link AppendStatements#TOGETHER}.
     */
    public static final String HEARTBEATS = """
            UPDATE {schema}.agentrun_run_state s
            SET lease_expires_at = {schema}.agentrun_now() + CAST(q.lease_micros AS double precision) * interval '1 microsecond'
            FROM (
                SELECT *
                FROM unnest(
                    (SELECT :run_ids), (SELECT :runner_ids), (SELECT :epochs), (SELECT :fence_hashes),
                    (SELECT :lease_micros))
                    WITH ORDINALITY AS q (run_id, runner_id, epoch, fence_hash, lease_micros, item)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ) q
            CROSS JOIN LATERAL (
                SELECT r.run_id
                FROM {schema}.agentrun_run_state r
                WHERE r.run_id = q.run_id AND r.epoch = q.epoch AND r.runner_id = q.runner_id
                    AND r.fence_hash = q.fence_hash
                FOR NO KEY UPDATE SKIP LOCKED
            ) l
            WHERE s.run_id = l.run_id
            RETURNING q.item, s.lease_expires_at, s.cancel_requested_at, s.cancel_reason,
                EXISTS (
                    SELECT FROM {schema}.agentrun_commands c
                    WHERE c.run_id = s.run_id
                        AND c.terminal_status || '' IS NULL AND c.state = 'pending' AND c.deliverable) AS commands_waiting
            """;

    /**
     * Acknowledges the command {@code :command_id}; the first turn of a lease sets its run running, and neither update
     * changes a column that an index names. The run is found by its key
     * ({@link PlanGuards}).
     */
    public static final String ACKNOWLEDGE = """
            WITH holder AS (
                SELECT run_id
                FROM {schema}.agentrun_run_state
                WHERE run_id = :run_id AND epoch = :epoch AND runner_id = :runner_id AND fence_hash = :fence_hash
                FOR NO KEY UPDATE
            ), c AS (
                UPDATE {schema}.agentrun_commands c
                SET state = 'acknowledged',
                    updated_at = {schema}.agentrun_now(),
                    acknowledged_at = {schema}.agentrun_now()
                FROM holder h
                WHERE c.id = :command_id AND c.run_id = h.run_id AND c.state = 'pending' AND c.deliverable
                RETURNING
            """ + CommandTable.COLUMNS + """
            ), started AS (
                UPDATE {schema}.agentrun_run_state s
                SET begun_epoch = s.epoch, begun_at = {schema}.agentrun_now(), starts = 0,
                    claim_micros = NULL
                WHERE s.run_id = :run_id
            """ + "AND s.status" + PlanGuards.SUFFIX
            + " = 'claimed'\n" + """
                AND COALESCE(s.begun_epoch, 0) <> s.epoch
                AND EXISTS (SELECT FROM c WHERE c.type = 'turn')
            )
            """ + "SELECT " + CommandTable.COLUMNS + "FROM c";

    /**
     * Acknowledges many commands, each for its fence; the first turn of a lease sets its run running, and neither update
     * changes a column that an index names. Rows that are locked are skipped; items
     * that are not among the result are executed alone. Whether a run begins is read where its row is locked: with a condition on
     * the row that is updated, a kept plan may begin with all runs. Arrays and limit: as in {@link AppendStatements#TOGETHER}.
     */
    public static final String ACKNOWLEDGES =
            """
            WITH q AS (
                SELECT *
                FROM unnest(
                    (SELECT :run_ids), (SELECT :runner_ids), (SELECT :epochs), (SELECT :fence_hashes),
                    (SELECT :command_ids))
                    WITH ORDINALITY AS q (run_id, runner_id, epoch, fence_hash, command_id, item)
                LIMIT (SELECT pg_catalog.cardinality(:run_ids))
            ), holder AS (
                SELECT q.item, q.command_id, l.run_id, l.begins
                FROM q
                CROSS JOIN LATERAL (
                    SELECT r.run_id, r.status = 'claimed' AND COALESCE(r.begun_epoch, 0) <> r.epoch AS begins
                    FROM {schema}.agentrun_run_state r
                    WHERE r.run_id = q.run_id AND r.epoch = q.epoch AND r.runner_id = q.runner_id
                        AND r.fence_hash = q.fence_hash
                    FOR NO KEY UPDATE SKIP LOCKED
                ) l
            ), c AS (
                UPDATE {schema}.agentrun_commands c
                SET state = 'acknowledged',
                    updated_at = {schema}.agentrun_now(),
                    acknowledged_at = {schema}.agentrun_now()
                FROM holder h
                WHERE c.id = h.command_id AND c.run_id = h.run_id AND c.state = 'pending' AND c.deliverable
                RETURNING h.item, h.begins,
            """ + CommandTable.COLUMNS + """
            ), started AS (
                UPDATE {schema}.agentrun_run_state s
                SET begun_epoch = s.epoch, begun_at = {schema}.agentrun_now(), starts = 0,
                    claim_micros = NULL
                FROM (SELECT DISTINCT c.run_id FROM c WHERE c.type = 'turn' AND c.begins) t
                WHERE s.run_id = t.run_id
            )
            """ + "SELECT c.item, " + CommandTable.COLUMNS + "FROM c";

    private LeaseStatements() {}

    /**
     * One of what {@link #ACKNOWLEDGES} returns. Immutable.
     *
     * @param item which of those that were given, from 1
     */
    public record Acknowledged(int item, Command command) {}

    /** What {@link #ACKNOWLEDGES} returns. */
    public static Acknowledged acknowledged(ResultSet row, StatementContext context) throws SQLException {
        return new Acknowledged(row.getInt("item"), CommandTable.command(row, context));
    }

    /** Gives a statement the parameters of a fence. */
    public static Script bind(Script script, Fence fence) {
        return script.bind("run_id", fence.runId())
                .bind("runner_id", fence.runnerId())
                .bind("epoch", fence.epoch())
                .bindHash("fence_hash", fence.tokenHash());
    }

    /**
     * One of what {@link #HEARTBEATS} returns. Immutable.
     *
     * @param item which of those that were given, from 1
     */
    public record Beat(int item, Heartbeat heartbeat) {}

    /** Returns what {@link #HEARTBEATS} returns. */
    public static Beat beat(ResultSet row, StatementContext context) throws SQLException {
        return new Beat(row.getInt("item"), heartbeat(row, context));
    }

    /** Returns what {@link #HEARTBEAT} returns. */
    public static Heartbeat heartbeat(ResultSet row, StatementContext context) throws SQLException {
        CancelRequest request = RunColumns.cancelRequest(row);
        return new Heartbeat(
                request == null ? LeaseSignal.CONTINUE : LeaseSignal.CANCEL_REQUESTED,
                Columns.instant(row, "lease_expires_at"),
                row.getBoolean("commands_waiting"),
                request);
    }
}
