package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.Signal;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.TaskSets;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * New tasks, alone or combined. The record is that of {@link io.agentrun.rules.QueueRules#create}. Only tasks without keys are
 * combined: an insert waits for another transaction that inserts the same key.
 *
 * <p>Thread-safe.
 */
final class TaskBatch implements GroupCommit.Operation<QueueTask, QueueTask> {

    private final Database database;

    TaskBatch(Database database) {
        this.database = database;
    }

    /** Returns whether the task may be created together with others. */
    static boolean mayBeCombined(QueueTask task) {
        return task.idempotency() == null && task.replaceKey() == null;
    }

    /** When a task was created, and the version that it has got. Immutable. */
    private record Created(String id, Instant at, long version) {

        static Created row(ResultSet row, StatementContext context) throws SQLException {
            return new Created(Columns.text(row, "id"), Columns.instant(row, "created_at"), row.getLong("version"));
        }

        QueueTask of(QueueTask task) {
            return task.toBuilder().version(version).createdAt(at).updatedAt(at).build();
        }
    }

    @Override
    public String key(QueueTask task) {
        return task.id();
    }

    @Override
    public int weight(QueueTask task) {
        return SharedTransactions.weight(bytes(task));
    }

    @Override
    public long bytes(QueueTask task) {
        return PageBytes.TASKS.atMost(task);
    }

    /** Inserts the task, unless its key is taken. */
    @Override
    public Attempt<QueueTask> executeAlone(QueueTask task) {
        return database.once(tx -> {
            Script script = new Script();
            TaskTable.bindNew(script, task, null);
            Attempt<Created> attempt = SingleStatement.alone(tx, script, TaskTable.INSERT, Created::row);
            if (!(attempt instanceof Attempt.Done<Created> created)) {
                return new Attempt.Refused<>();
            }
            tx.signal(Signal.tasks().name());
            return Attempt.done(created.value().of(task));
        });
    }

    @Override
    public void executeCombined(List<Waiter<QueueTask, QueueTask>> batch) {
        List<QueueTask> tasks = batch.stream().map(Waiter::input).toList();
        Map<String, Created> created =
                SharedTransactions.unlessUndone(Map.of(), () -> database.once(tx -> combined(tx, tasks)));
        for (Waiter<QueueTask, QueueTask> waiter : batch) {
            Created row = created.get(waiter.input().id());
            if (row != null) {
                waiter.done(row.of(waiter.input()));
            }
        }
    }

    private static Map<String, Created> combined(Tx tx, List<QueueTask> tasks) {
        Script script = new Script();
        TaskSets.bindNew(script, tasks, Collections.nCopies(tasks.size(), null));
        Script.Rows<Created> rows = script.query(TaskSets.INSERT, Created::row);
        tx.execute(script);
        tx.signal(Signal.tasks().name());
        return rows.all().stream().collect(Collectors.toMap(Created::id, row -> row));
    }
}
