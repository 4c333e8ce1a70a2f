package io.agentrun.postgres.internal.register;

import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.session.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_storage_collectors}: which collector works on a session's storage, and until when.
 *
 * <p>Thread-safe.
 */
public final class CollectorTable {

    /** The sessions {@code s} whose storage the collector may have, without those that were passed over. */
    public static final String COLLECTABLE = """
            FROM {schema}.agentrun_sessions s
            WHERE (s.storage_state = 'evicting'
                    OR (s.storage_state IN ('provisioning', 'ready', 'missing')
                        AND s.expires_at <= {schema}.agentrun_now()))
                AND s.session_id <> ALL (:passed)
                AND NOT EXISTS (
                    SELECT FROM {schema}.agentrun_storage_collectors k
                    WHERE k.session_id = s.session_id
                        AND k.collector_id <> :collector_id AND k.lease_until > {schema}.agentrun_now())
                AND (s.storage_state = 'evicting' OR (
                    SELECT r.run_id
                    FROM {schema}.agentrun_run_state r
                    WHERE r.session_id = s.session_id AND r.status IN ('pending', 'claimed', 'running')
                    LIMIT 1) IS NULL
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_run_state w
                        WHERE w.session_id = s.session_id AND w.status = 'waiting'))
            """;

    private static final String CANDIDATES = "SELECT " + SessionTable.COLUMNS + COLLECTABLE;
    private static final String TENANT = "AND s.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND s.project_id = :project_id\n";
    private static final String OLDEST = """
            ORDER BY s.updated_at, s.session_id
            LIMIT :limit
            FOR NO KEY UPDATE OF s SKIP LOCKED
            """;

    /**
     * The leases on the sessions {@code :session_ids}, which are locked, as far as these are still to be collected and no other
     * collector has a lease; returns their ids and the end of the lease.
     */
    public static final String TAKE = """
            INSERT INTO {schema}.agentrun_storage_collectors AS k (session_id, collector_id, lease_until)
            SELECT s.session_id, :collector_id, {schema}.agentrun_now() + CAST(:lease_micros AS double precision) * interval '1 microsecond'
            FROM (
                SELECT *
                FROM pg_catalog.unnest((SELECT :session_ids)) AS q (session_id)
                LIMIT (SELECT pg_catalog.cardinality(:session_ids))
            ) q
            JOIN {schema}.agentrun_sessions s ON s.session_id = q.session_id
            WHERE (s.storage_state = 'evicting' OR (
                    SELECT r.run_id
                    FROM {schema}.agentrun_run_state r
                    WHERE r.session_id = s.session_id AND r.status IN ('pending', 'claimed', 'running')
                    LIMIT 1) IS NULL
                    AND NOT EXISTS (
                        SELECT FROM {schema}.agentrun_run_state w
                        WHERE w.session_id = s.session_id AND w.status = 'waiting'))
            ORDER BY s.session_id
            ON CONFLICT (session_id) DO UPDATE
            SET collector_id = EXCLUDED.collector_id, lease_until = EXCLUDED.lease_until
            WHERE k.collector_id = EXCLUDED.collector_id OR k.lease_until <= {schema}.agentrun_now()
            RETURNING k.session_id, k.lease_until
            """;

    /** Ends the lease of {@code :collector_id} on the session {@code :session_id}; says whether there is such a session. */
    public static final String RELEASE = """
            WITH released AS (
                DELETE FROM {schema}.agentrun_storage_collectors k
                WHERE k.session_id = :session_id AND k.collector_id = :collector_id
            )
            SELECT EXISTS (
                SELECT FROM {schema}.agentrun_sessions s WHERE s.session_id = :session_id) AS known
            """;

    /** The lease on the session {@code :session_id}. */
    public static final String GET = """
            SELECT k.session_id, k.collector_id, k.lease_until
            FROM {schema}.agentrun_storage_collectors k
            WHERE k.session_id = :session_id
            """;

    /** The lease, inserted or replaced; the session is locked. */
    public static final String PUT = """
            INSERT INTO {schema}.agentrun_storage_collectors (session_id, collector_id, lease_until)
            VALUES (:session_id, :collector_id, :lease_until)
            ON CONFLICT (session_id) DO UPDATE
            SET collector_id = EXCLUDED.collector_id, lease_until = EXCLUDED.lease_until
            """;

    private CollectorTable() {}

    /** Gives {@link #PUT} its parameters. */
    public static Script bind(Script script, CollectorLease lease) {
        return script.bind("session_id", lease.sessionId())
                .bind("collector_id", lease.collectorId())
                .bind("lease_until", lease.until());
    }

    /** Returns the lease in the row. */
    public static CollectorLease lease(ResultSet row, StatementContext context) throws SQLException {
        return new CollectorLease(
                Columns.text(row, "session_id"),
                Columns.text(row, "collector_id"),
                Columns.instant(row, "lease_until"));
    }

    /**
     * Adds sessions to be collected, the longest unchanged first, each locked; locked rows are skipped. Whether a run is open
     * must be read again behind the locks, because the runs are not locked.
     */
    public static Script.Rows<Session> candidates(Script script, TenantScope scope, Collection<String> passed) {
        StringBuilder sql = new StringBuilder(CANDIDATES);
        script.bindArray("passed", "text", passed.toArray());
        if (scope.tenantId() != null) {
            sql.append(TENANT);
            script.bind("tenant_id", scope.tenantId());
        }
        if (scope.projectId() != null) {
            sql.append(PROJECT);
            script.bind("project_id", scope.projectId());
        }
        return script.query(sql.append(OLDEST).toString(), SessionTable::session);
    }
}
