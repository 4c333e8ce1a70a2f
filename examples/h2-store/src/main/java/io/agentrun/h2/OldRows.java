package io.agentrun.h2;

import static io.agentrun.h2.Table.*;
import static java.util.Comparator.comparing;

import io.agentrun.backend.Cursors;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.StoreTx;
import io.agentrun.h2.Table.Query;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.rules.RunHead;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what is over: old tasks and sessions, which it deletes, and passed deadlines. Not thread-safe: one thread at a time. */
interface OldRows extends StoreTx {

    String OF_ANOTHER = "tenant <> COALESCE(?, tenant) OR project <> COALESCE(?, project) OR ";
    String KEPT_TASK = OF_ANOTHER + "NOT state" + Conditions.ENDED
            + " OR EXISTS (SELECT 1 FROM runs r WHERE r.task_id = tasks.id)";
    String KEPT_SESSION = OF_ANOTHER + "state = 'running' OR storage NOT IN ('none', 'evicted')"
            + " OR EXISTS (SELECT 1 FROM runs r WHERE r.session_id = sessions.id AND NOT r.status" + Conditions.ENDED
            + ")"
            + " OR EXISTS (SELECT 1 FROM tasks t WHERE t.session_id = sessions.id AND NOT t.state" + Conditions.ENDED
            + ")";

    /** A pending task none of whose deadlines is over. */
    String IN_TIME = "(end_by IS NULL OR end_by > ?) AND (begin_by IS NULL OR begin_by > ? OR attempts IS NOT NULL)";

    Sql sql();

    @Override
    default List<OldRecord> oldRecords(OldRecord.Kind kind, TenantScope scope, List<String> after, int limit) {
        boolean tasks = kind == OldRecord.Kind.TASK;
        String text = "SELECT id, updated_at, version, " + (tasks ? KEPT_TASK : KEPT_SESSION) + " FROM "
                + (tasks ? TASKS : SESSIONS).name() + " WHERE version > ?" + Query.first("version", limit);
        return sql().list(
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

    @Override
    default void delete(OldRecord.Kind kind, String id) {
        boolean task = kind == OldRecord.Kind.TASK;
        Table<?> table = task ? TASKS : SESSIONS;
        // The next version must be higher than that of a record that is gone.
        long last = Math.max(lastDeleted(table), table.from(sql()).is("id", id).number("version", ""));
        VERSIONS.save(sql(), new OfVersion(table.name(), last));
        sql().update("DELETE FROM " + table.name() + " WHERE id = ?", id);
        sql().update("DELETE FROM marks WHERE subject_id = ? AND kind = ?", id, kind.name());
        if (!task) {
            sql().update("DELETE FROM collectors WHERE session_id = ?", id);
        }
    }

    /** Returns the highest version of those that records of the table had when they were deleted, 0 for none. */
    default long lastDeleted(Table<?> table) {
        return VERSIONS.find(sql(), "id = ?", table.name())
                .map(OfVersion::version)
                .orElse(0L);
    }

    @Override
    default Optional<QueueTask> findReplaceable(Owner owner, String replaceKey) {
        String key = "tenant = ? AND project = ? AND replace_key = ?";
        return TASKS.find(sql(), key, owner.tenantId(), owner.projectId(), replaceKey);
    }

    /** The rule says which of those with a time that is over are to be judged: the columns say nothing of the grace. */
    @Override
    default List<Overdue> overdue(int limit) {
        Instant now = now();
        String over = "(begin_by <= ? OR end_by <= ?) AND NOT %s" + Conditions.ENDED;
        var runs = RUNS.from(sql()).and(over.formatted("status"), now, now).list("id", Integer.MAX_VALUE).stream()
                .filter(run -> isOver(DeadlineRules.nextAt(RunHead.of(run)), now))
                .sorted(comparing(run -> DeadlineRules.nextAt(RunHead.of(run))))
                .map(run -> Overdue.run(run.id()));
        var tasks = TASKS.from(sql()).and(over.formatted("state"), now, now).list("id", Integer.MAX_VALUE).stream()
                .filter(task -> isOver(DeadlineRules.nextAt(task), now))
                .sorted(comparing(DeadlineRules::nextAt))
                .map(task -> Overdue.task(task.id()));
        return Stream.concat(runs, tasks).limit(limit).toList();
    }

    private static boolean isOver(@Nullable Instant at, Instant now) {
        return at != null && !at.isAfter(now);
    }
}
