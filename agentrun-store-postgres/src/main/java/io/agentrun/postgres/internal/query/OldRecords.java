package io.agentrun.postgres.internal.query;

import io.agentrun.backend.Cursors;
import io.agentrun.backend.OldRecord;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The statements that find and delete tasks and sessions that are old. A search goes along the index of the feed, which has them in the
 * order of their last change, and reads so many rows as it returns: also those that are kept. What needs a record is looked up row by
 * row, which the limits say to the planner.
 *
 * <p>Thread-safe.
 */
public final class OldRecords {

    private static final String TASKS = """
            SELECT
                t.id, t.updated_at, t.version, CAST(t.feed_xid AS text) AS feed_xid,
                t.tenant_id <> COALESCE(CAST(:tenant_id AS text), t.tenant_id)
                    OR t.project_id <> COALESCE(CAST(:project_id AS text), t.project_id)
                    OR t.state NOT IN ('completed', 'failed', 'blocked', 'cancelled')
                    OR (SELECT r.id FROM {schema}.agentrun_runs r WHERE r.task_id = t.id LIMIT 1) IS NOT NULL AS kept
            FROM {schema}.agentrun_queue_tasks t
            WHERE (t.feed_xid, t.version) > (CAST(CAST(:after_xid AS text) AS xid8), :after_version)
            ORDER BY t.feed_xid, t.version
            LIMIT :limit
            """;

    private static final String SESSIONS = """
            SELECT
                s.session_id AS id, s.updated_at, s.version, CAST(s.feed_xid AS text) AS feed_xid,
                s.tenant_id <> COALESCE(CAST(:tenant_id AS text), s.tenant_id)
                    OR s.project_id <> COALESCE(CAST(:project_id AS text), s.project_id)
                    OR s.execution_state = 'running'
                    OR s.storage_state NOT IN ('none', 'evicted')
                    OR (
                        SELECT r.run_id
                        FROM {schema}.agentrun_run_state r
                        WHERE r.session_id = s.session_id AND r.status IN ('pending', 'claimed', 'running')
                        LIMIT 1) IS NOT NULL
                    OR EXISTS (
                        SELECT FROM {schema}.agentrun_run_state w
                        WHERE w.session_id = s.session_id AND w.status = 'waiting')
                    OR (
                        SELECT t.id
                        FROM {schema}.agentrun_queue_tasks t
                        WHERE t.session_id = s.session_id AND t.state IN ('pending', 'running')
                        LIMIT 1) IS NOT NULL AS kept
            FROM {schema}.agentrun_sessions s
            WHERE (s.feed_xid, s.version) > (CAST(CAST(:after_xid AS text) AS xid8), :after_version)
            ORDER BY s.feed_xid, s.version
            LIMIT :limit
            """;

    /** The task {@code :id}; what lists show of it and its read marks go with it. */
    private static final String DELETE_TASK = "DELETE FROM {schema}.agentrun_queue_tasks WHERE id = :id";

    /** The session {@code :id}; its read marks and the lease of a collector go with it. */
    private static final String DELETE_SESSION = "DELETE FROM {schema}.agentrun_sessions WHERE session_id = :id";

    private OldRecords() {}

    /**
     * Adds a search.
     *
     * @param after the keys of the last record that was found: the id of its transaction and its version; none for the first search
     */
    public static Script.Rows<OldRecord> find(
            Script script, OldRecord.Kind kind, TenantScope scope, List<String> after, int limit) {
        script.bind("tenant_id", scope.tenantId())
                .bind("project_id", scope.projectId())
                .bind("after_xid", after.isEmpty() ? "0" : after.get(0))
                .bind("after_version", after.isEmpty() ? 0 : Cursors.number(after.get(1)))
                .bind("limit", limit);
        return script.query(
                switch (kind) {
                    case TASK -> TASKS;
                    case SESSION -> SESSIONS;
                },
                OldRecords::record);
    }

    private static OldRecord record(ResultSet row, StatementContext context) throws SQLException {
        long version = row.getLong("version");
        return new OldRecord(
                Columns.text(row, "id"),
                Columns.instant(row, "updated_at"),
                version,
                row.getBoolean("kept"),
                List.of(Columns.text(row, "feed_xid"), Cursors.key(version)));
    }

    /** Adds the deletion of the record. */
    public static Script delete(Script script, OldRecord.Kind kind, String id) {
        return script.bind("id", id)
                .run(
                        switch (kind) {
                            case TASK -> DELETE_TASK;
                            case SESSION -> DELETE_SESSION;
                        });
    }
}
