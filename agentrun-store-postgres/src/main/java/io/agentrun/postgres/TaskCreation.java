package io.agentrun.postgres;

import io.agentrun.check.Require;
import io.agentrun.postgres.internal.db.LostRace;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Keys;
import io.agentrun.rules.QueueRules;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Creates queue tasks: one statement inserts the task unless its key is taken, and only where it inserted nothing a second one
 * reads the task that was first.
 */
final class TaskCreation {

    private final Engine engine;

    TaskCreation(Engine engine) {
        this.engine = engine;
    }

    QueueTask create(NewQueueTask input, String taskId) {
        QueueTask created = engine.database().once(tx -> insert(tx, input, taskId));
        if (created != null) {
            return created;
        }
        QueueTask first = engine.database().once(tx -> stored(tx, input));
        return first != null
                ? first
                : engine.database().inTransaction(tx -> {
                    QueueTask stored = stored(tx, input);
                    QueueTask again = stored != null ? stored : insert(tx, input, taskId);
                    if (again == null) {
                        throw new LostRace();
                    }
                    return again;
                });
    }

    /** The record is as the rule makes it; only its time and version are the database's. */
    private static @Nullable QueueTask insert(Tx tx, NewQueueTask input, String taskId) {
        QueueTask task = QueueRules.create(input, taskId, Instant.EPOCH).tasks().get(0);
        Script script = new Script();
        TaskTable.bind(script, task);
        // The last word on a parameter counts: the database's clock takes the place of the record's.
        script.bind("task_created_at", (Instant) null);
        Script.Rows<QueueTask> inserted = script.query(TaskTable.INSERT, (row, context) -> {
            Instant now = Columns.instant(row, "created_at");
            return task.toBuilder()
                    .version(row.getLong("version"))
                    .createdAt(now)
                    .updatedAt(now)
                    .build();
        });
        tx.execute(script);
        return inserted.firstOrNull();
    }

    private static @Nullable QueueTask stored(Tx tx, NewQueueTask input) {
        Script script = new Script()
                .bind("tenant_id", input.owner().tenantId())
                .bind("project_id", input.owner().projectId())
                .bind("idempotency_key", input.idempotencyKey());
        Script.Rows<QueueTask> known = script.query(TaskTable.BY_KEY, TaskTable::task);
        tx.execute(script);
        QueueTask first = known.firstOrNull();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
        }
        return first;
    }
}
