package io.agentrun.postgres.internal.query;

import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.PlanGuards;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The statements that list runs: by their age, and by the end of their lease.
 *
 * <p>Thread-safe.
 */
public final class RunLists {

    private static final String LIST = "SELECT " + RunColumns.COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE true
            """;
    private static final String TENANT = "AND r.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND r.project_id = :project_id\n";
    private static final String TENANT_BY_STATUS = "AND s.tenant_id = :tenant_id\n";
    private static final String PROJECT_BY_STATUS = "AND s.project_id = :project_id\n";
    private static final String STATUS = "AND s.status = :status\n";
    private static final String LEASED = "AND s.status = :leased\n";
    private static final String BEGUN = "AND s.begun_epoch = s.epoch\n";
    private static final String NOT_BEGUN = "AND COALESCE(s.begun_epoch, 0) <> s.epoch\n";
    private static final String SESSION = "AND r.session_id = :session_id\n";
    private static final String SESSION_BY_STATUS = "AND s.session_id = :session_id\n";
    private static final String PROFILE = "AND r.backend_profile = :backend_profile\n";
    private static final String PROFILE_BY_STATUS = "AND s.backend_profile = :backend_profile\n";
    private static final String AFTER = "AND (r.created_at, r.id) < (:after_at, :after_id)\n";
    private static final String AFTER_BY_STATUS = "AND (s.created_at, s.run_id) < (:after_at, :after_id)\n";
    private static final String NEWEST = "ORDER BY r.created_at DESC, r.id DESC LIMIT :limit";
    private static final String NEWEST_BY_STATUS = "ORDER BY s.created_at DESC, s.run_id DESC LIMIT :limit";

    private static final String OF_TASK = "AND r.task_id = :task_id\n";
    private static final String AFTER_OF_TASK = "AND (r.created_at, r.id) > (:after_at, :after_id)\n";
    private static final String OLDEST = "ORDER BY r.created_at, r.id LIMIT :limit";

    private static final String WITHOUT = "AND NOT s.run_id = ANY (:without)\n";

    private static final String EXPIRED = """
            AND s.status IN ('claimed', 'running') AND s.lease_expires_at <= {schema}.agentrun_now()
            ORDER BY s.lease_expires_at, s.run_id
            LIMIT :limit
            """;

    private static final String OVERDUE = "AND " + PlanGuards.PREFIX + "s.status = 'pending'\n" + """
            AND s.claim_until <= {schema}.agentrun_now()
            ORDER BY s.claim_until, s.run_id
            LIMIT :limit
            """;

    private RunLists() {}

    /**
     * Adds one page of runs, newest first.
     *
     * @param after the keys of the last run that was shown: its time of creation and its id; none for the first page
     */
    public static Script.Rows<Run> runs(Script script, RunQuery query, List<String> after, int limit) {
        RunStatus status = query.status();
        boolean byStatus = status != null;
        StringBuilder filter = new StringBuilder();
        script.bind("limit", limit);
        Scopes.add(
                script,
                filter,
                query.scope(),
                byStatus ? TENANT_BY_STATUS : TENANT,
                byStatus ? PROJECT_BY_STATUS : PROJECT);
        filter(script, filter, "session_id", query.sessionId(), byStatus ? SESSION_BY_STATUS : SESSION);
        String profile =
                query.backendProfile() == null ? null : query.backendProfile().wire();
        filter(script, filter, "backend_profile", profile, byStatus ? PROFILE_BY_STATUS : PROFILE);
        if (!after.isEmpty()) {
            filter.append(byStatus ? AFTER_BY_STATUS : AFTER);
            AfterKeys.bind(script, after.get(0), after.get(1));
        }
        String sql = status == null ? LIST + filter + NEWEST : withStatus(script, status, filter);
        return script.page(sql, RunColumns.OBJECTS, RunColumns::run);
    }

    /** A run that is running says {@code claimed} and when it began, or, from before V14, {@code running}. */
    private static String withStatus(Script script, RunStatus status, StringBuilder filter) {
        script.bind("status", status.wire());
        return switch (status) {
            case CLAIMED -> LIST + STATUS + NOT_BEGUN + filter + NEWEST_BY_STATUS;
            case RUNNING -> {
                script.bind("leased", RunStatus.CLAIMED.wire());
                yield "(" + LIST + LEASED + BEGUN + filter + NEWEST_BY_STATUS + ")\nUNION ALL\n(" + LIST + STATUS
                        + filter + NEWEST_BY_STATUS + ")\nORDER BY created_at DESC, id DESC LIMIT :limit";
            }
            case PENDING, WAITING, COMPLETED, FAILED, BLOCKED, CANCELLED -> LIST + STATUS + filter + NEWEST_BY_STATUS;
        };
    }

    private static void filter(
            Script script, StringBuilder sql, String name, @Nullable String value, String condition) {
        if (value != null) {
            sql.append(condition);
            script.bind(name, value);
        }
    }

    /**
     * Adds one page of the runs of the task {@code :task_id}, oldest first.
     *
     * @param after as for {@link #runs}
     */
    public static Script.Rows<Run> ofTask(Script script, List<String> after, int limit) {
        script.bind("limit", limit);
        if (after.isEmpty()) {
            return script.page(LIST + OF_TASK + OLDEST, RunColumns.OBJECTS, RunColumns::run);
        }
        AfterKeys.bind(script, after.get(0), after.get(1));
        return script.page(LIST + OF_TASK + AFTER_OF_TASK + OLDEST, RunColumns.OBJECTS, RunColumns::run);
    }

    /** Adds the pending runs that nobody has claimed in their time, the longest overdue first ({@link PlanGuards}). */
    public static Script.Rows<Run> overdue(Script script, TenantScope scope, Set<String> without, int limit) {
        return without(script, scope, without, limit, OVERDUE);
    }

    /** Adds the runs whose lease has run out, the longest over first. */
    public static Script.Rows<Run> expired(Script script, TenantScope scope, Set<String> without, int limit) {
        return without(script, scope, without, limit, EXPIRED);
    }

    private static Script.Rows<Run> without(
            Script script, TenantScope scope, Set<String> without, int limit, String which) {
        StringBuilder sql = new StringBuilder(LIST);
        Scopes.add(script.bind("limit", limit), sql, scope, TENANT_BY_STATUS, PROJECT_BY_STATUS);
        if (!without.isEmpty()) {
            script.bindArray("without", "text", without.toArray());
            sql.append(WITHOUT);
        }
        return script.page(sql.append(which).toString(), RunColumns.OBJECTS, RunColumns::run);
    }
}
