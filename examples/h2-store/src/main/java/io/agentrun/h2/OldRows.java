package io.agentrun.h2;

import static io.agentrun.h2.Table.*;

import io.agentrun.backend.OldRecord;
import io.agentrun.engine.Cursors;
import io.agentrun.h2.Table.Query;
import io.agentrun.model.TenantScope;
import java.time.Instant;
import java.util.List;

/** Finds and deletes old tasks and sessions. Thread-safe. */
final class OldRows {

    private static final String OF_ANOTHER = "tenant <> COALESCE(?, tenant) OR project <> COALESCE(?, project) OR ";
    private static final String KEPT_TASK =
            OF_ANOTHER + "NOT state" + H2Tx.ENDED + " OR EXISTS (SELECT 1 FROM runs r WHERE r.task_id = tasks.id)";
    private static final String KEPT_SESSION = OF_ANOTHER + "state = 'running' OR storage NOT IN ('none', 'evicted')"
            + " OR EXISTS (SELECT 1 FROM runs r WHERE r.session_id = sessions.id AND NOT r.status" + H2Tx.ENDED + ")"
            + " OR EXISTS (SELECT 1 FROM tasks t WHERE t.session_id = sessions.id AND NOT t.state" + H2Tx.ENDED + ")";

    private OldRows() {}

    static List<OldRecord> find(Sql sql, OldRecord.Kind kind, TenantScope scope, List<String> after, int limit) {
        boolean tasks = kind == OldRecord.Kind.TASK;
        String text = "SELECT id, updated_at, version, " + (tasks ? KEPT_TASK : KEPT_SESSION) + " FROM "
                + (tasks ? TASKS : SESSIONS).name() + " WHERE version > ?" + Query.first("version", limit);
        return sql.list(
                row -> new OldRecord(
                        row.getString(1),
                        row.getObject(2, Instant.class),
                        row.getLong(3),
                        row.getBoolean(4),
                        List.of(Cursors.key(row.getLong(3)))),
                text,
                scope.tenantId(),
                scope.projectId(),
                after.isEmpty() ? 0 : Cursors.number(after.get(0)));
    }

    static void delete(Sql sql, OldRecord.Kind kind, String id) {
        boolean task = kind == OldRecord.Kind.TASK;
        Table<?> table = task ? TASKS : SESSIONS;
        // The next version must be higher than that of a record that is gone.
        long last =
                Math.max(lastDeleted(sql, table), table.from(sql).is("id", id).number("version", ""));
        VERSIONS.save(sql, new OfVersion(table.name(), last));
        sql.update("DELETE FROM " + table.name() + " WHERE id = ?", id);
        sql.update("DELETE FROM marks WHERE subject_id = ? AND kind = ?", id, kind.name());
        if (!task) {
            sql.update("DELETE FROM collectors WHERE session_id = ?", id);
        }
    }

    /** Returns the highest version of those that records of the table had when they were deleted, 0 for none. */
    static long lastDeleted(Sql sql, Table<?> table) {
        return VERSIONS.find(sql, "id = ?", table.name())
                .map(OfVersion::version)
                .orElse(0L);
    }
}
