package io.agentrun.h2;

import io.agentrun.CancelMode;
import io.agentrun.ChangePage;
import io.agentrun.IdSource;
import io.agentrun.Page;
import io.agentrun.ReadMark;
import io.agentrun.Require;
import io.agentrun.TenantScope;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueStore;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Change;
import io.agentrun.rules.Cursors;
import io.agentrun.rules.Intake;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunView;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The room of the queue. Thread-safe. */
record H2Queue(Database db, Intake in) implements QueueStore {

    private static final String LIST = "queue";
    private static final String ORDER = "priority DESC, created_at, id";
    private static final String DUE = "state = 'pending' AND (not_before IS NULL OR not_before <= ?)";
    private static final int SNAPSHOT = 20;

    private static final Marks MARKS = new Marks("task");

    @Override
    public QueueTask create(NewQueueTask given) {
        NewQueueTask input = in.task(given);
        return db.write(tx -> {
            Optional<QueueTask> first = Table.TASKS.find(tx, input.owner(), input.idempotencyKey());
            return Changes.replayed(first, QueueTask::idempotency, input::contentHash)
                    .orElseGet(() -> {
                        String id = tx.newId(IdSource.QUEUE_TASK);
                        Changes.write(tx, QueueRules.create(input, id, tx.now()));
                        return Table.TASKS.get(tx, id);
                    });
        });
    }

    @Override
    public QueueTask get(String taskId) {
        String id = in.id("taskId", taskId);
        return db.read(tx -> Table.TASKS.get(tx, id));
    }

    @Override
    public Page<QueueTask> list(QueueQuery given) {
        QueueQuery query = Require.given("query", given);
        int limit = in.page(query.limit());
        Where where = new Where()
                .in(query.scope())
                .ifGiven("queue = ?", query.queue())
                .ifGiven("lane = ?", query.lane())
                .ifGiven("state = ?", query.state(), TaskState::wire);
        if (query.cursor() != null) {
            List<String> keys = Cursors.decode(LIST, query.fingerprint(), 3, query.cursor());
            where.and(
                    "(-priority, created_at, id) > (?, ?, ?)",
                    -Cursors.number(keys.get(0)),
                    Cursors.instant(keys.get(1)),
                    keys.get(2));
        }
        where.first(limit + 1, ORDER);
        List<QueueTask> read = db.read(tx -> Table.TASKS.list(tx, where));
        return Lists.page(
                read,
                limit,
                LIST,
                query.fingerprint(),
                task -> List.of(Cursors.key(task.place().priority()), Cursors.key(task.createdAt()), task.id()));
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return Lists.changes(db, Table.TASKS, QueueTask::version, scope, cursor, in.page(limit));
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest given) {
        DispatchRequest request = Require.given("request", given);
        return db.write(tx -> {
            // A task that its session refuses is blocked, and then no longer pending.
            while (true) {
                Optional<QueueTask> next =
                        Table.TASKS.list(tx, due(request, tx.now())).stream().findFirst();
                if (next.isEmpty()) {
                    return Optional.empty();
                }
                Optional<Dispatch> dispatched = dispatch(tx, next.get());
                if (dispatched.isPresent()) {
                    return dispatched;
                }
            }
        });
    }

    private static Where due(DispatchRequest request, Instant now) {
        return new Where()
                .and(DUE, now)
                .in(request.scope())
                .ifGiven("queue = ?", request.queue())
                .ifGiven("lane = ?", request.lane())
                .of(request.backendProfiles())
                .and("NOT EXISTS (SELECT 1 FROM commands c"
                        + " WHERE c.session_id = tasks.session_id AND c.is_open AND c.is_turn)")
                .first(1, ORDER);
    }

    private static Optional<Dispatch> dispatch(Tx tx, QueueTask task) {
        QueueRules.DispatchIds ids = new QueueRules.DispatchIds(tx.newId(IdSource.RUN), tx.newId(IdSource.COMMAND));
        Change change =
                QueueRules.dispatch(task, Views.session(tx, task.content().session()), ids, tx.now());
        Changes.write(tx, change);
        return change.runs().isEmpty()
                ? Optional.empty()
                : Optional.of(new Dispatch(
                        Table.TASKS.get(tx, task.id()),
                        Table.RUNS.get(tx, ids.runId()),
                        Table.COMMANDS.get(tx, ids.commandId())));
    }

    @Override
    public QueueTask updateAttempt(AttemptReport given) {
        AttemptReport report = in.report(given);
        return db.write(tx -> {
            Changes.write(tx, QueueRules.report(Table.TASKS.get(tx, report.taskId()), report, tx.now()));
            return Table.TASKS.get(tx, report.taskId());
        });
    }

    @Override
    public QueueTask cancel(String taskId, String reason, CancelMode givenMode) {
        String id = in.id("taskId", taskId);
        String why = in.reason(reason);
        CancelMode mode = Require.given("mode", givenMode);
        return db.write(tx -> {
            QueueTask task = Table.TASKS.get(tx, id);
            TaskAttempt attempt = task.latestAttempt();
            RunView run = task.state() == TaskState.RUNNING && attempt != null && attempt.runId() != null
                    ? Views.run(tx, attempt.runId())
                    : null;
            Changes.write(tx, QueueRules.cancel(task, run, why, mode, tx.now()));
            return Table.TASKS.get(tx, id);
        });
    }

    @Override
    public ReadMark markRead(String taskId, String readerId, long version) {
        String id = in.id("taskId", taskId);
        String reader = in.id("readerId", readerId);
        return db.write(tx ->
                MARKS.move(tx, id, reader, version, Table.TASKS.get(tx, id).version()));
    }

    @Override
    public QueueStats stats(QueueScope given) {
        QueueScope scope = Require.given("scope", given);
        return db.read(tx -> stats(tx, scope));
    }

    @Override
    public QueueSnapshot snapshot(QueueScope given) {
        QueueScope scope = Require.given("scope", given);
        return db.read(tx -> new QueueSnapshot(
                stats(tx, scope), Table.TASKS.list(tx, of(scope).first(SNAPSHOT, ORDER))));
    }

    private static Where of(QueueScope scope) {
        return new Where().in(scope.scope()).ifGiven("queue = ?", scope.queue());
    }

    private static QueueStats stats(Tx tx, QueueScope scope) {
        Map<TaskState, Long> byState = new EnumMap<>(TaskState.class);
        Map<String, Map<TaskState, Long>> byLane = new HashMap<>();
        Where which = of(scope);
        String counted = "SELECT lane, state, COUNT(*) FROM tasks WHERE " + which.text() + " GROUP BY lane, state";
        tx.list(
                row -> {
                    TaskState state = TaskState.fromWire("state", row.getString(2));
                    byState.merge(state, row.getLong(3), Long::sum);
                    return byLane.computeIfAbsent(row.getString(1), lane -> new EnumMap<>(TaskState.class))
                            .put(state, row.getLong(3));
                },
                counted,
                which.values());
        Where pending = new Where(tx.now()).and("state = 'pending'").in(scope.scope());
        return tx.list(
                        row -> new QueueStats(
                                scope, byState, byLane, row.getLong(1), row.getObject(2, Instant.class), tx.now()),
                        "SELECT COUNT(CASE WHEN COALESCE(not_before <= ?, TRUE) THEN 1 END), MIN(created_at) FROM tasks"
                                + " WHERE "
                                + pending.ifGiven("queue = ?", scope.queue()).text(),
                        pending.values())
                .get(0);
    }
}
