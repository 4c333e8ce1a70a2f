package io.agentrun.postgres.internal.table;

import io.agentrun.lease.ClaimRequest;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.run.Run;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The statements that claim pending runs and purge ended ones. A filter is in the statement only where it is given, so that each
 * has the plan that fits it.
 *
 * <p>Thread-safe.
 */
public final class RunQueries {

    private static final String TENANT = "AND s.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND s.project_id = :project_id\n";

    /** Claims the run {@code :run_id} if it is pending; found by its key ({@link PlanGuards}). */
    public static final String CLAIM = "WITH s AS (" + """
                UPDATE {schema}.agentrun_run_state s
                SET status = 'claimed',
                    epoch = s.epoch + 1,
                    started_at = CASE WHEN s.epoch = 0 THEN {schema}.agentrun_now() ELSE s.started_at END,
                    event_seq = s.event_seq + 1,
                    runner_id = :runner_id,
                    fence_hash = :fence_hash,
                    lease_expires_at = {schema}.agentrun_now() + CAST(:lease_micros AS double precision) * interval '1 microsecond',
                    updated_at = {schema}.agentrun_now()
                WHERE s.run_id = :run_id
            """ + "AND " + PlanGuards.PREFIX + "s.status = 'pending'\n"
            + "AND " + RunQueries.SLOTTED.replace("{run}", "s") + RunQueries.RETURNING
            + ", :event_id AS event_id, 1 AS item\n"
            + RunQueries.CLAIMED;

    /**
     * Claims many runs, those of them that are pending, each found by its key ({@link PlanGuards}). Rows that are locked are
     * skipped; items that are not among the result are executed alone. Arrays and limit: as in
     * {@link AppendStatements#TOGETHER}.
     */
    public static final String CLAIMS = "WITH s AS (" + """
                UPDATE {schema}.agentrun_run_state s
                SET status = 'claimed',
                    epoch = s.epoch + 1,
                    started_at = CASE WHEN s.epoch = 0 THEN {schema}.agentrun_now() ELSE s.started_at END,
                    event_seq = s.event_seq + 1,
                    runner_id = q.runner_id,
                    fence_hash = q.fence_hash,
                    lease_expires_at = {schema}.agentrun_now() + CAST(q.lease_micros AS double precision) * interval '1 microsecond',
                    updated_at = {schema}.agentrun_now()
                FROM (
                    SELECT *
                    FROM unnest(
                        (SELECT :run_ids), (SELECT :runner_ids), (SELECT :fence_hashes), (SELECT :event_ids),
                        (SELECT :lease_micros))
                        WITH ORDINALITY AS q (run_id, runner_id, fence_hash, event_id, lease_micros, item)
                    LIMIT (SELECT pg_catalog.cardinality(:run_ids))
                ) q
                CROSS JOIN LATERAL (
                    SELECT r.run_id
                    FROM {schema}.agentrun_run_state r
                    WHERE r.run_id = q.run_id
            """ + "AND " + PlanGuards.PREFIX + "r.status = 'pending'\n"
            + "AND " + RunQueries.SLOTTED.replace("{run}", "r")
            + """
                    FOR NO KEY UPDATE SKIP LOCKED
                ) l
                WHERE s.run_id = l.run_id
            """ + RunQueries.RETURNING + ", q.event_id, q.item\n" + RunQueries.CLAIMED;

    /** The condition that a run need take no slots: it is of no task, or was claimed since its last park. */
    private static final String SLOTTED = "({run}.queue IS NULL OR {run}.parked_epoch IS DISTINCT FROM {run}.epoch)\n";

    /** Pending runs that must take slots when they are claimed, which is the engine's to do. They have an index ({@link PlanGuards}). */
    private static final String SLOTLESS =
            """
            SELECT FROM {schema}.agentrun_run_state p
            """ + "WHERE " + PlanGuards.PREFIX + "p.status" + PlanGuards.SUFFIX + " = 'pending'\n" + """
                AND p.queue IS NOT NULL AND p.parked_epoch IS NOT NULL AND p.parked_epoch = p.epoch
            """;

    private static final String RETURNING = "RETURNING s.run_id, " + RunColumns.STATE;

    /** Writes the event of the run that is claimed. */
    private static final String EVENT = """
            ), event AS (
                INSERT INTO {schema}.agentrun_events (id, run_id, seq, type, payload, created_at)
                SELECT
                    s.event_id, s.run_id, s.event_seq, 'backend_status',
                    pg_catalog.jsonb_build_object('phase', 'run-claimed', 'runnerId', s.runner_id, 'epoch', s.epoch),
                    s.updated_at
                FROM s
            )
            """;

    private static final String CLAIMED = EVENT + "SELECT s.item, " + RunColumns.COLUMNS + """
                    FROM s JOIN {schema}.agentrun_runs r ON r.id = s.run_id
                    """;

    /** The status of the pending runs of one profile, which have an index for them alone ({@link PlanGuards}). */
    private static final String PENDING_OF_PROFILE = "q.status" + PlanGuards.SUFFIX;

    private static final String PENDING = "q.status";

    /**
     * The condition that a pending run {@code q} does not only wait: it waits if it has open turns, and each waits behind
     * another one. The turns are read for each run that comes up, never for all of them.
     */
    public static final String NOT_ONLY_WAITING = """
                    AND (
                        SELECT pg_catalog.bool_or(c.deliverable)
                        FROM {schema}.agentrun_commands c
                        WHERE c.run_id = q.run_id
                            AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged') AND c.ordinal > 0) IS NOT FALSE
            """;

    private static final String NEXT = """
            WITH candidate AS (
                SELECT q.run_id
                FROM {schema}.agentrun_run_state q
                WHERE {pending} = 'pending'
            """ + "AND NOT EXISTS (" + SLOTLESS + ")\n" + NOT_ONLY_WAITING;

    private static final String NEXT_TENANT = "AND q.tenant_id = :tenant_id\n";
    private static final String NEXT_PROJECT = "AND q.project_id = :project_id\n";
    private static final String NEXT_PROFILE = "AND q.backend_profile = :backend_profile\n";
    private static final String NEXT_PROFILES = "AND q.backend_profile = ANY (:backend_profiles)\n";
    private static final String NEXT_PROVIDER = "AND q.provider_id = :provider_id\n";
    private static final String CLAIM_NEXT = """
                ORDER BY q.created_at, q.run_id
                LIMIT 1
                FOR NO KEY UPDATE SKIP LOCKED
            ), s AS (
                UPDATE {schema}.agentrun_run_state s
                SET status = 'claimed',
                    epoch = s.epoch + 1,
                    started_at = CASE WHEN s.epoch = 0 THEN {schema}.agentrun_now() ELSE s.started_at END,
                    event_seq = s.event_seq + 1,
                    runner_id = :runner_id,
                    fence_hash = :fence_hash,
                    lease_expires_at = {schema}.agentrun_now() + CAST(:lease_micros AS double precision) * interval '1 microsecond',
                    updated_at = {schema}.agentrun_now()
                FROM candidate
                WHERE s.run_id = candidate.run_id
            """ + RETURNING + ", :event_id AS event_id\n" + EVENT
            + "SELECT e.slotless, " + RunColumns.COLUMNS + "FROM (SELECT EXISTS ("
            + SLOTLESS + """
            ) AS slotless) e
            LEFT JOIN s ON true
            LEFT JOIN {schema}.agentrun_runs r ON r.id = s.run_id
            WHERE e.slotless OR s.run_id IS NOT NULL
            """;

    /** Ended runs that neither a session nor a task refers to any more, the longest ended first, with all they own. */
    private static final String PURGE_FIND = """
            WITH found AS (
                SELECT s.run_id, s.updated_at
                FROM {schema}.agentrun_run_state s
                JOIN {schema}.agentrun_runs r ON r.id = s.run_id
                WHERE s.status IN ('completed', 'failed', 'blocked', 'cancelled')
                    AND s.updated_at <= {schema}.agentrun_now() - CAST(:age_micros AS double precision) * interval '1 microsecond'
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_sessions n
                        WHERE n.session_id = s.session_id AND s.run_id IN (n.active_run_id, n.last_run_id))
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_queue_tasks t
                        WHERE t.id = r.task_id AND t.state IN ('pending', 'running')
                            AND t.latest_attempt ->> CAST('runId' AS text) = r.id)
            """;

    private static final String PURGE = """
                ORDER BY s.updated_at, s.run_id
                LIMIT :limit + 1
                FOR UPDATE OF s SKIP LOCKED
            ), doomed AS (
                SELECT run_id FROM found ORDER BY updated_at, run_id LIMIT :limit
            ), events AS (
                DELETE FROM {schema}.agentrun_events e USING doomed d WHERE e.run_id = d.run_id
            ), runs AS (
                DELETE FROM {schema}.agentrun_runs r USING doomed d WHERE r.id = d.run_id RETURNING r.id
            )
            SELECT r.id, (SELECT pg_catalog.count(*) FROM found) AS found FROM runs r
            """;

    private RunQueries() {}

    /**
     * A run that was deleted, and how many were found with it. Immutable.
     */
    public record Purged(String runId, long found) {}

    /**
     * A run that was claimed. Immutable.
     *
     * @param item which of those that were given, from 1
     */
    public record Claimed(int item, Run run) {}

    /** Returns a row of {@link #CLAIMS}. */
    public static Claimed claimed(ResultSet row, StatementContext context) throws SQLException {
        return new Claimed(row.getInt("item"), RunColumns.run(row, context));
    }

    /**
     * What {@link #claimNext} returns.
     *
     * <p>Immutable.
     *
     * @param run the run that was claimed; null where none was, because one must take slots
     */
    public record Next(@Nullable Run run) {}

    /** Returns a row of {@link #claimNext}. */
    public static Next next(ResultSet row, StatementContext context) throws SQLException {
        return new Next(row.getString("id") == null ? null : RunColumns.run(row, context));
    }

    /** Returns a row of {@link #purge}. */
    public static Purged purged(ResultSet row, StatementContext context) throws SQLException {
        return new Purged(Columns.text(row, "id"), row.getLong("found"));
    }

    /** Claims the oldest pending run that fits; locked rows are skipped. Where a run must take slots, it claims none. */
    public static String claimNext(ClaimRequest request) {
        int profiles = request.backendProfiles().size();
        StringBuilder sql = new StringBuilder(NEXT.replace("{pending}", profiles == 1 ? PENDING_OF_PROFILE : PENDING));
        scope(sql, request.scope(), NEXT_TENANT, NEXT_PROJECT);
        add(sql, profiles == 1, NEXT_PROFILE);
        add(sql, profiles > 1, NEXT_PROFILES);
        add(sql, request.providerId() != null, NEXT_PROVIDER);
        return sql.append(CLAIM_NEXT).toString();
    }

    /** Deletes ended runs of the scope. */
    public static String purge(TenantScope scope) {
        StringBuilder sql = new StringBuilder(PURGE_FIND);
        scope(sql, scope, TENANT, PROJECT);
        return sql.append(PURGE).toString();
    }

    /** Binds the parameters of a scope. */
    public static Script bind(Script script, TenantScope scope) {
        bindGiven(script, "tenant_id", scope.tenantId());
        bindGiven(script, "project_id", scope.projectId());
        return script;
    }

    /** Binds a parameter that the statement has only if there is a value. */
    public static void bindGiven(Script script, String name, @Nullable String value) {
        if (value != null) {
            script.bind(name, value);
        }
    }

    private static void scope(StringBuilder sql, TenantScope scope, String tenant, String project) {
        add(sql, scope.tenantId() != null, tenant);
        add(sql, scope.projectId() != null, project);
    }

    private static void add(StringBuilder sql, boolean given, String condition) {
        if (given) {
            sql.append(condition);
        }
    }
}
