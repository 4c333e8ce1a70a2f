package io.agentrun.postgres.internal.query;

import io.agentrun.lease.ClaimRequest;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.register.CollectorTable;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.run.Run;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The statements that find, without a lock, what the engine then locks one by one: runs to claim, runs to purge, sessions whose
 * storage is to be collected.
 *
 * <p>Thread-safe.
 */
public final class Candidates {

    private static final String PENDING = """
            SELECT q.run_id
            FROM {schema}.agentrun_run_state q
            WHERE q.status = 'pending'
                AND q.run_id <> ALL (:passed)
            """ + RunQueries.NOT_ONLY_WAITING;
    private static final String TENANT_OF_PENDING = "AND q.tenant_id = :tenant_id\n";
    private static final String PROJECT_OF_PENDING = "AND q.project_id = :project_id\n";
    private static final String PROFILES = "AND q.backend_profile = ANY (:backend_profiles)\n";
    private static final String PROVIDER = "AND q.provider_id = :provider_id\n";
    private static final String OLDEST_PENDING = "ORDER BY q.created_at, q.run_id LIMIT :limit";

    private static final String ENDED = "SELECT " + RunColumns.COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE s.status IN ('completed', 'failed', 'blocked', 'cancelled')
                AND s.updated_at <= {schema}.agentrun_now() - CAST(:age_micros AS double precision) * interval '1 microsecond'
            """;
    private static final String TENANT = "AND s.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND s.project_id = :project_id\n";
    private static final String AFTER = "AND (s.updated_at, s.run_id) > (:after_at, :after_id)\n";
    private static final String LONGEST_ENDED = "ORDER BY s.updated_at, s.run_id LIMIT :limit";

    private static final String COLLECTABLE = "SELECT s.session_id\n" + CollectorTable.COLLECTABLE;
    private static final String LONGEST_UNCHANGED = "ORDER BY s.updated_at, s.session_id LIMIT :limit";

    private Candidates() {}

    /** Adds the ids of pending runs that the request accepts and that do not only wait, the oldest first. */
    public static Script.Rows<String> pendingRuns(
            Script script, ClaimRequest request, Collection<String> passed, int limit) {
        script.bindArray("passed", "text", passed.toArray()).bind("limit", limit);
        StringBuilder sql = new StringBuilder(PENDING);
        Scopes.add(script, sql, request.scope(), TENANT_OF_PENDING, PROJECT_OF_PENDING);
        if (!request.backendProfiles().isEmpty()) {
            sql.append(PROFILES);
            Object[] profiles =
                    request.backendProfiles().stream().map(BackendProfile::wire).toArray();
            script.bindArray("backend_profiles", "text", profiles);
        }
        if (request.providerId() != null) {
            sql.append(PROVIDER);
            script.bind("provider_id", request.providerId());
        }
        return script.query(sql.append(OLDEST_PENDING).toString(), (row, context) -> Columns.text(row, "run_id"));
    }

    /**
     * Adds runs that ended at least so long ago, the longest ended first.
     *
     * @param after the keys of the last run that was found: its end and its id; none for the first page
     */
    public static Script.Rows<Run> endedRuns(
            Script script, TenantScope scope, Duration olderThan, List<String> after, int limit) {
        script.bind("age_micros", olderThan.toNanos() / 1_000).bind("limit", limit);
        StringBuilder sql = new StringBuilder(ENDED);
        Scopes.add(script, sql, scope, TENANT, PROJECT);
        if (!after.isEmpty()) {
            sql.append(AFTER);
            AfterKeys.bind(script, after.get(0), after.get(1));
        }
        return script.query(sql.append(LONGEST_ENDED).toString(), RunColumns::run);
    }

    /** Adds the ids of sessions whose storage the request's collector may have, the longest unchanged first. */
    public static Script.Rows<String> collectableSessions(
            Script script, StorageClaimRequest request, Collection<String> passed, int limit) {
        script.bindArray("passed", "text", passed.toArray())
                .bind("collector_id", request.collectorId())
                .bind("limit", limit);
        StringBuilder sql = new StringBuilder(COLLECTABLE);
        Scopes.add(script, sql, request.scope(), TENANT, PROJECT);
        return script.query(
                sql.append(LONGEST_UNCHANGED).toString(), (row, context) -> Columns.text(row, "session_id"));
    }
}
