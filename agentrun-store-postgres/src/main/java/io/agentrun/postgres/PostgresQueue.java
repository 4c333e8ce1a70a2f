package io.agentrun.postgres;

import io.agentrun.QueueStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.LostRace;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.query.TaskStatistics;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.Change;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunView;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The queue of the store on PostgreSQL. */
final class PostgresQueue implements QueueStore {

    private static final String LIST_CURSOR = "tasks";
    private static final int SNAPSHOT_ITEMS = 20;

    private final Engine engine;
    private final TaskCreation creation;
    private final Dispatcher dispatcher;
    private final Feed<QueueTask> feed = new Feed<>("task-changes", FeedTable.TASKS);

    PostgresQueue(Engine engine) {
        this.engine = engine;
        this.creation = new TaskCreation(engine);
        this.dispatcher = new Dispatcher(engine);
    }

    @Override
    public QueueTask create(NewQueueTask task) {
        NewQueueTask checked = engine.intake().task(task);
        return creation.create(checked, engine.ids().next(IdSource.QUEUE_TASK));
    }

    @Override
    public QueueTask get(String taskId) {
        String id = engine.intake().id("taskId", taskId);
        return engine.database().once(tx -> find(tx, id));
    }

    private static QueueTask find(Tx tx, String taskId) {
        Script script = new Script().bind("task_id", taskId);
        Script.Rows<QueueTask> found = script.query(TaskTable.GET, TaskTable::task);
        tx.execute(script);
        return found.first().orElseThrow(() -> new NotFoundException("queue task", taskId));
    }

    @Override
    public Page<QueueTask> list(QueueQuery query) {
        QueueQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after = given.cursor() == null
                ? List.of()
                : Cursors.decode(LIST_CURSOR, given.fingerprint(), 3, given.cursor());
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<QueueTask> found = TaskQueries.list(script, given, limit + 1L, after);
            tx.execute(script);
            List<QueueTask> items = found.all();
            if (items.size() <= limit) {
                return new Page<>(items, null);
            }
            QueueTask last = items.get(limit - 1);
            List<String> keys = List.of(Cursors.key(last.place().priority()), Cursors.key(last.createdAt()), last.id());
            return new Page<>(items.subList(0, limit), Cursors.encode(LIST_CURSOR, given.fingerprint(), keys));
        });
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit) {
        TenantScope given = Require.given("scope", scope);
        int size = engine.intake().page(limit);
        return feed.page(engine.database(), given, cursor, size);
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest request) {
        return dispatcher.next(Require.given("request", request));
    }

    @Override
    public QueueTask updateAttempt(AttemptReport report) {
        AttemptReport kept = engine.intake().report(report);
        return engine.database().inTransaction(tx -> {
            Script script = new Script();
            Script.Rows<QueueTask> locked = lock(tx, script, kept.taskId());
            Script.Rows<Instant> clock = Engine.clock(script);
            tx.execute(script);
            QueueTask task = locked.first().orElseThrow(() -> new NotFoundException("queue task", kept.taskId()));
            Instant now = clock.first().orElseThrow();
            return write(tx, QueueRules.report(task, kept, now), task, Seen.at(now));
        });
    }

    private static Script.Rows<QueueTask> lock(Tx tx, Script script, String taskId) {
        return script.bind("task_id", taskId).lock(tx, Rank.TASK, taskId, TaskTable.LOCK, TaskTable::task);
    }

    private QueueTask write(Tx tx, Change change, QueueTask before, Seen seen) {
        List<QueueTask> written = engine.writer().write(tx, change, seen).tasks();
        return written.isEmpty() ? before : written.get(0);
    }

    @Override
    public QueueTask cancel(String taskId, String reason, CancelMode mode) {
        String id = engine.intake().id("taskId", taskId);
        String kept = engine.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return engine.database().inTransaction(tx -> cancel(tx, id, kept, given));
    }

    /** The session and the run come before the task: its links are read first, and must be the same under the locks. */
    private QueueTask cancel(Tx tx, String taskId, String reason, CancelMode mode) {
        QueueTask linked = find(tx, taskId);
        if (linked.state().terminal()) {
            return linked;
        }
        String runId = openRun(linked);
        if (runId != null) {
            Views.OfRun seen = Views.run(tx, runId);
            return cancel(tx, linked, seen.view().task(), seen.view(), reason, mode, seen.seen());
        }
        Script script = new Script();
        Script.Rows<QueueTask> locked = lock(tx, script, taskId);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        return cancel(
                tx,
                linked,
                locked.firstOrNull(),
                null,
                reason,
                mode,
                Seen.at(clock.first().orElseThrow()));
    }

    private QueueTask cancel(
            Tx tx,
            QueueTask linked,
            @Nullable QueueTask task,
            @Nullable RunView run,
            String reason,
            CancelMode mode,
            Seen seen) {
        if (task == null || !Objects.equals(openRun(task), openRun(linked))) {
            throw new LostRace();
        }
        return write(tx, QueueRules.cancel(task, run, reason, mode, seen.now()), task, seen);
    }

    private static @Nullable String openRun(QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        return attempt == null || attempt.outcome() != null ? null : attempt.runId();
    }

    @Override
    public ReadMark markRead(String taskId, String readerId, long version) {
        String id = engine.intake().id("taskId", taskId);
        String reader = engine.intake().id("readerId", readerId);
        return Marks.move(engine.database(), Marks.OF_TASK, id, reader, version);
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<QueueStats> stats = TaskStatistics.stats(script, given);
            tx.execute(script);
            return stats.first().orElseThrow();
        });
    }

    @Override
    public QueueSnapshot snapshot(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<TaskStatistics.Line> lines = TaskStatistics.snapshot(script, given, SNAPSHOT_ITEMS);
            tx.execute(script);
            List<QueueTask> items = lines.all().stream()
                    .map(TaskStatistics.Line::task)
                    .filter(Objects::nonNull)
                    .toList();
            return new QueueSnapshot(lines.first().orElseThrow().stats(), items);
        });
    }
}
