package io.agentrun.memory;

import io.agentrun.QueueStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
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
import io.agentrun.rules.Keys;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The queue of the store in memory. */
final class MemoryQueue implements QueueStore {

    private static final String LIST_CURSOR = "tasks";
    private static final int SNAPSHOT_ITEMS = 20;

    private final Engine.Handle engine;
    private final Feed<QueueTask> feed =
            new Feed<>("task-changes", state -> state.tasksByVersion, QueueTask::owner, QueueTask::version);

    MemoryQueue(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public QueueTask create(NewQueueTask task) {
        NewQueueTask checked = engine.intake().task(task);
        return engine.write(tx -> {
            if (checked.idempotencyKey() != null) {
                String known = tx.state().keyed("task", MemoryState.scope(checked.owner()), checked.idempotencyKey());
                if (known != null) {
                    QueueTask stored = require(tx.state(), known);
                    Keys.requireSameContent(Require.given("idempotency", stored.idempotency()), checked.contentHash());
                    return stored;
                }
            }
            String id = tx.newId(IdSource.QUEUE_TASK);
            tx.write(QueueRules.create(checked, id, tx.now()));
            return require(tx.state(), id);
        });
    }

    private static QueueTask require(MemoryState state, String taskId) {
        QueueTask task = state.tasks.get(taskId);
        if (task == null) {
            throw new NotFoundException("queue task", taskId);
        }
        return task;
    }

    @Override
    public QueueTask get(String taskId) {
        String id = engine.intake().id("taskId", taskId);
        return engine.read(state -> require(state, id));
    }

    @Override
    public Page<QueueTask> list(QueueQuery query) {
        QueueQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after = given.cursor() == null
                ? List.of()
                : Cursors.decode(LIST_CURSOR, given.fingerprint(), 3, given.cursor());
        return engine.read(state -> {
            NavigableSet<Place> places = state.tasksInOrder;
            if (!after.isEmpty()) {
                Place last = new Place(
                        Math.toIntExact(Cursors.number(after.get(0))), Cursors.instant(after.get(1)), after.get(2));
                places = places.tailSet(last, false);
            }
            List<QueueTask> items = new ArrayList<>();
            for (Place place : places) {
                QueueTask task = require(state, place.id());
                if (matches(given, task)) {
                    if (items.size() == limit) {
                        Place last = Place.queued(items.get(limit - 1));
                        List<String> keys = List.of(Cursors.key(last.rank()), Cursors.key(last.at()), last.id());
                        return new Page<>(items, Cursors.encode(LIST_CURSOR, given.fingerprint(), keys));
                    }
                    items.add(task);
                }
            }
            return new Page<>(items, null);
        });
    }

    private static boolean matches(QueueQuery query, QueueTask task) {
        return query.scope().includes(task.owner())
                && (query.queue() == null || query.queue().equals(task.place().queue()))
                && (query.lane() == null || query.lane().equals(task.place().lane()))
                && (query.state() == null || query.state() == task.state());
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit) {
        TenantScope given = Require.given("scope", scope);
        int size = engine.intake().page(limit);
        long after = feed.after(given, cursor);
        return engine.read(state -> feed.page(state, given, after, size));
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest request) {
        DispatchRequest given = Require.given("request", request);
        return engine.write(tx -> {
            for (QueueTask task = next(tx, given); task != null; task = next(tx, given)) {
                Optional<Dispatch> dispatched = dispatch(tx, task);
                if (dispatched.isPresent()) {
                    return dispatched;
                }
            }
            return Optional.empty();
        });
    }

    private static @Nullable QueueTask next(Tx tx, DispatchRequest request) {
        for (Place place : tx.state().pendingTasks) {
            QueueTask task = require(tx.state(), place.id());
            if (matches(request, task) && QueueRules.due(task, tx.now()) && !waits(tx.state(), task)) {
                return task;
            }
        }
        return null;
    }

    private static boolean matches(DispatchRequest request, QueueTask task) {
        return request.scope().includes(task.owner())
                && (request.queue() == null
                        || request.queue().equals(task.place().queue()))
                && (request.lane() == null || request.lane().equals(task.place().lane()))
                && (request.backendProfiles().isEmpty()
                        || request.backendProfiles().contains(task.spec().backendProfile()));
    }

    /** Whether the task's session has an open turn. */
    private static boolean waits(MemoryState state, QueueTask task) {
        SessionRef ref = task.content().session();
        return ref != null && state.openTurnsOfSession.containsKey(ref.sessionId());
    }

    private static Optional<Dispatch> dispatch(Tx tx, QueueTask task) {
        SessionRef ref = task.content().session();
        Session session = ref == null ? null : tx.state().sessions.get(ref.sessionId());
        QueueRules.DispatchIds ids = new QueueRules.DispatchIds(tx.newId(IdSource.RUN), tx.newId(IdSource.COMMAND));
        Change change = QueueRules.dispatch(task, session, ids, tx.now());
        tx.write(change);
        if (change.runs().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Dispatch(
                require(tx.state(), task.id()), tx.require(ids.runId()).run(), tx.requireCommand(ids.commandId())));
    }

    @Override
    public QueueTask updateAttempt(AttemptReport report) {
        AttemptReport kept = engine.intake().report(report);
        return engine.write(tx -> {
            tx.write(QueueRules.report(require(tx.state(), kept.taskId()), kept, tx.now()));
            return require(tx.state(), kept.taskId());
        });
    }

    @Override
    public QueueTask cancel(String taskId, String reason, CancelMode mode) {
        String id = engine.intake().id("taskId", taskId);
        String kept = engine.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return engine.write(tx -> {
            QueueTask task = require(tx.state(), id);
            tx.write(QueueRules.cancel(task, runOf(tx, task), kept, given, tx.now()));
            return require(tx.state(), id);
        });
    }

    private static @Nullable RunView runOf(Tx tx, QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        if (attempt == null || attempt.runId() == null || attempt.outcome() != null) {
            return null;
        }
        return tx.state().runs.containsKey(attempt.runId()) ? tx.view(attempt.runId()) : null;
    }

    @Override
    public ReadMark markRead(String taskId, String readerId, long version) {
        String id = engine.intake().id("taskId", taskId);
        String reader = engine.intake().id("readerId", readerId);
        return engine.write(tx -> {
            QueueTask task = require(tx.state(), id);
            ReadMark stored = tx.state().taskMarks.get(new MemoryState.Reader(id, reader));
            ReadMark next = SessionRules.markRead(id, reader, version, task.version(), stored, tx.now());
            if (!next.equals(stored)) {
                tx.write(new Write.OfTaskMark(next));
            }
            return next;
        });
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        return engine.read(state -> stats(state, given));
    }

    @Override
    public QueueSnapshot snapshot(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        return engine.read(state -> {
            List<QueueTask> items = new ArrayList<>();
            for (Place place : state.tasksInOrder) {
                if (items.size() == SNAPSHOT_ITEMS) {
                    break;
                }
                QueueTask task = require(state, place.id());
                if (Tally.counts(given, task)) {
                    items.add(task);
                }
            }
            return new QueueSnapshot(stats(state, given), items);
        });
    }

    private QueueStats stats(MemoryState state, QueueScope scope) {
        Instant now = engine.now();
        Tally tally = new Tally(scope, now);
        state.tasks.values().forEach(tally::add);
        return tally.stats();
    }
}
