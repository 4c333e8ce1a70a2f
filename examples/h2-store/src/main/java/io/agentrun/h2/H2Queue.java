package io.agentrun.h2;

import static io.agentrun.h2.H2Commands.COMMANDS;
import static io.agentrun.h2.H2Runs.RUNS;
import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.agentrun.*;
import io.agentrun.check.*;
import io.agentrun.error.*;
import io.agentrun.id.*;
import io.agentrun.json.*;
import io.agentrun.model.*;
import io.agentrun.queue.*;
import io.agentrun.engine.Intake;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.QueueRules.DispatchIds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/** The room of the queue. Thread-safe. */
record H2Queue(Database db, Intake in) implements QueueStore {

    static final Table<QueueTask> TASKS = new Table<>("tasks", "queue task", QueueTask.class, QueueTask::id)
            .owned(QueueTask::owner)
            .keyed("tenant, project", QueueTask::idempotency)
            .with("queue VARCHAR", task -> task.place().queue())
            .with("lane VARCHAR", task -> task.place().lane())
            .with("backend VARCHAR", task -> task.spec().backendProfile().wire())
            .with("state VARCHAR", task -> task.state().wire())
            .with("run_id VARCHAR", H2Queue::latestRun)
            .with("version BIGINT UNIQUE", QueueTask::version)
            .indexed("state", "run_id")
            .listed("place", H2Queue::place);

    static final Table<ReadMark> MARKS = Tx.marks("task_marks");
    private static final int SNAPSHOT = 20;

    private static String place(QueueTask task) {
        return Table.rank(-task.place().priority()) + Table.rank(Table.micros(task.createdAt())) + task.id();
    }

    private static @Nullable String latestRun(QueueTask task) {
        var attempt = task.latestAttempt();
        return attempt == null ? null : attempt.runId();
    }

    @Override
    public QueueTask create(NewQueueTask given) {
        NewQueueTask input = in.task(given);
        return db.write(tx -> {
            String id = tx.newId(IdSource.QUEUE_TASK);
            var stored = TASKS.of(input.owner()).replay(tx, input.idempotencyKey(), input::contentHash);
            return stored.orElseGet(() -> TASKS.after(tx, QueueRules.create(input, id, tx.now()), id));
        });
    }

    @Override
    public QueueTask get(String taskId) {
        return db.read(tx -> TASKS.get(tx, taskId));
    }

    @Override
    public Page<QueueTask> list(QueueQuery query) {
        var which = TASKS.where().in(Require.given("query", query).scope()).is("queue", query.queue());
        which.is("lane", query.lane()).is("state", query.state(), TaskState::wire);
        return which.page(db, query.fingerprint(), query.cursor(), in.page(query.limit()), (tx, task) -> task);
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return TASKS.changes(db, scope, cursor, in.page(limit), QueueTask::version);
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest request) {
        Require.given("request", request);
        var pending = TASKS.where().and("state = 'pending'").in(request.scope()).on(request.backendProfiles());
        pending.is("queue", request.queue()).is("lane", request.lane()).by("place");
        // A task that its session refuses is blocked, and the next one is tried.
        return db.write(tx -> pending.list(tx).stream()
                .filter(task -> QueueRules.due(task, tx.now()) && !waits(tx, task))
                .flatMap(task -> dispatch(tx, task).stream())
                .findFirst());
    }

    private static boolean waits(Tx tx, QueueTask task) {
        var session = task.content().session();
        return session != null && !tx.openTurns(null, session.sessionId()).isEmpty();
    }

    private static Optional<Dispatch> dispatch(Tx tx, QueueTask task) {
        DispatchIds ids = new DispatchIds(tx.newId(IdSource.RUN), tx.newId(IdSource.COMMAND));
        var session = tx.session(task.content().session());
        QueueTask next = TASKS.after(tx, QueueRules.dispatch(task, session, ids, tx.now()), task.id());
        return RUNS.find(tx, ids.runId()).map(run -> new Dispatch(next, run, COMMANDS.get(tx, ids.commandId())));
    }

    @Override
    public QueueTask updateAttempt(AttemptReport given) {
        AttemptReport report = in.report(given);
        return TASKS.change(db, report.taskId(), (tx, task) -> QueueRules.report(task, report, tx.now()));
    }

    @Override
    public QueueTask cancel(String taskId, String reason, CancelMode mode) {
        String why = in.reason(reason);
        Require.given("mode", mode);
        return TASKS.change(db, taskId, (tx, task) -> {
            var run = RUNS.find(tx, latestRun(task)).orElse(null);
            return QueueRules.cancel(task, run == null ? null : tx.view(run), why, mode, tx.now());
        });
    }

    @Override
    public ReadMark markRead(String taskId, String readerId, long version) {
        String reader = in.id("readerId", readerId);
        return db.write(tx -> tx.markRead(
                MARKS, taskId, reader, version, TASKS.get(tx, taskId).version()));
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        Require.given("scope", scope);
        return db.read(tx -> stats(tx, scope));
    }

    @Override
    public QueueSnapshot snapshot(QueueScope scope) {
        var first = of(Require.given("scope", scope)).first(SNAPSHOT, "place");
        return db.read(tx -> new QueueSnapshot(stats(tx, scope), first.list(tx)));
    }

    private static Table<QueueTask>.Query of(QueueScope scope) {
        return TASKS.where().in(scope.scope()).is("queue", scope.queue());
    }

    private static QueueStats stats(Tx tx, QueueScope scope) {
        List<QueueTask> all = of(scope).list(tx);
        Collector<QueueTask, ?, Map<TaskState, Long>> counts = groupingBy(QueueTask::state, counting());
        var byState = all.stream().collect(counts);
        var byLane = all.stream().collect(groupingBy(task -> task.place().lane(), counts));
        long due = all.stream().filter(task -> QueueRules.due(task, tx.now())).count();
        var pending = all.stream().filter(task -> task.state() == TaskState.PENDING);
        var oldest = pending.map(QueueTask::createdAt).min(naturalOrder());
        return new QueueStats(scope, byState, byLane, due, oldest.orElse(null), tx.now());
    }
}
