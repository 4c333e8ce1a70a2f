package io.agentrun.engine;

import io.agentrun.QueueStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Change;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.rules.Keys;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TaskRules;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The queue of every store. */
final class Queue implements QueueStore {

    private static final int SNAPSHOT_ITEMS = 20;
    private static final int MOST_TRIES = 20;
    private static final Pages<QueueTask> PAGES = new Pages<>("tasks", 3, PageBytes.TASKS, Queue::keys);
    private static final Pages.Feeds<QueueTask> FEED = new Pages.Feeds<>("task-changes", StoreReads::taskChanges);

    private final Context context;
    private final Dispatcher dispatcher;
    private final Taker taker;
    private final NewTasks newTasks;
    private final Purges purges;

    Queue(Context context) {
        this.context = context;
        this.dispatcher = new Dispatcher(context);
        this.taker = new Taker(context);
        this.newTasks = new NewTasks(context);
        this.purges = new Purges(context);
    }

    /** Returns the sort keys of a task in lists. */
    static List<String> keys(QueueTask task) {
        return List.of(Cursors.key(task.place().priority()), Cursors.key(task.createdAt()), task.id());
    }

    @Override
    public QueueTask create(NewQueueTask task) {
        NewQueueTask checked = context.intake().task(task);
        String id = context.ids().next(IdSource.QUEUE_TASK);
        QueueTask draft =
                QueueRules.create(checked, id, Instant.EPOCH).created().tasks().get(0);
        if (context.backend().shortcuts().createTask(draft) instanceof Attempt.Done<QueueTask> done) {
            return done.value();
        }
        return retried(() -> context.backend().write(tx -> create(tx, checked, id)));
    }

    /** Returns null if the task that is to be replaced has begun since it was found. */
    private @Nullable QueueTask create(StoreTx tx, NewQueueTask input, String id) {
        String replaceKey = input.replaceKey();
        QueueTask waiting = replaceKey == null
                ? null
                : tx.findReplaceable(input.owner(), replaceKey).orElse(null);
        if (replaceKey != null && waiting != null) {
            QueueTask task = tx.lockTask(waiting.id(), LockMode.WAIT).orNull();
            return task == null || !replaceKey.equals(task.replaceKey())
                    ? null
                    : write(tx, TaskRules.replace(task, input, tx.now()), task);
        }
        String key = input.idempotencyKey();
        QueueTask first = key == null ? null : tx.findTask(input.owner(), key).orElse(null);
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        return tx.write(QueueRules.create(input, id, tx.now()), context.ids())
                .tasks()
                .get(0);
    }

    @Override
    public List<QueueTask> createAll(List<NewQueueTask> tasks) {
        return newTasks.create(tasks);
    }

    @Override
    public QueueTask get(String taskId) {
        String id = context.intake().id("taskId", taskId);
        return context.backend()
                .read(reads -> reads.findTask(id))
                .orElseThrow(() -> new NotFoundException("queue task", id));
    }

    @Override
    public QueueTask getByKey(Owner owner, String idempotencyKey) {
        Owner given = Require.given("owner", owner);
        String key = context.intake().key("idempotencyKey", idempotencyKey);
        boolean shown = context.scope().includes(given);
        return context.backend()
                .read(reads -> shown ? reads.findTask(given, key) : Optional.<QueueTask>empty())
                .orElseThrow(() -> new NotFoundException("queue task", key));
    }

    @Override
    public Page<QueueTask> list(QueueQuery query) {
        QueueQuery given = Require.given("query", query);
        return PAGES.read(
                context,
                context.scope().narrow(given.scope()).map(given::withScope),
                QueueQuery::fingerprint,
                given.cursor(),
                given.limit(),
                StoreReads::tasks);
    }

    @Override
    public ChangePage<QueueTask> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return FEED.page(context, scope, cursor, limit);
    }

    @Override
    public Optional<Dispatch> dispatchNext(DispatchRequest request) {
        return dispatcher.next(Require.given("request", request));
    }

    @Override
    public List<Taken> take(TakeRequest request) {
        TakeRequest given = Require.given("request", request);
        return taker.take(
                given, context.intake().lease(given.lease()), context.intake().timeout(given.timeout()));
    }

    @Override
    public QueueTask updateAttempt(AttemptReport report) {
        AttemptReport kept = context.intake().report(report);
        String id = kept.taskId();
        return context.backend().write(tx -> {
            QueueTask task = tx.lockTask(id, LockMode.WAIT).orThrow("queue task", id);
            return write(tx, QueueRules.report(task, kept, tx.now()), task);
        });
    }

    private QueueTask write(StoreTx tx, Change change, QueueTask before) {
        List<QueueTask> written = tx.write(change, context.ids()).tasks();
        return written.isEmpty() ? before : written.get(0);
    }

    @Override
    public QueueTask retry(TaskRetry request) {
        TaskRetry given = Require.given("request", request);
        return context.backend().write(tx -> {
            QueueTask task = tx.lockTask(given.taskId(), LockMode.WAIT).orThrow("queue task", given.taskId());
            return write(tx, TaskRules.retry(task, given, tx.now()), task);
        });
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        return purges.tasks(request);
    }

    @Override
    public CancelledTasks cancelAll(TaskCancel request) {
        TaskCancel given = Require.given("request", request);
        String reason = context.intake().reason(given.reason());
        OpenTasks.Step step = OpenTasks.find(context, given);
        int cancelled = 0;
        int asked = 0;
        int left = 0;
        for (QueueTask found : step.tasks()) {
            try {
                QueueTask task = cancelNow(found.id(), reason, given.mode());
                cancelled += task.state() == TaskState.CANCELLED ? 1 : 0;
                asked += task.state().terminal() ? 0 : 1;
            } catch (NotFoundException purged) {
                // It had ended, and was deleted, since it was found.
            } catch (StoreUnavailableException e) {
                if (!Failures.isOfOneItem(e)) {
                    throw e;
                }
                left++;
            }
        }
        return new CancelledTasks(cancelled, asked, left, step.nextCursor());
    }

    @Override
    public QueueTask cancel(String taskId, String reason, CancelMode mode) {
        String id = context.intake().id("taskId", taskId);
        String kept = context.intake().reason(reason);
        return cancelNow(id, kept, Require.given("mode", mode));
    }

    private QueueTask cancelNow(String id, String kept, CancelMode given) {
        return retried(() -> context.backend()
                .write(tx -> change(tx, id, (task, run, now) -> QueueRules.cancel(task, run, kept, given, now))));
    }

    /** Repeats a step whose answer is null while what it has found is not what it has locked. */
    private static QueueTask retried(Supplier<@Nullable QueueTask> step) {
        for (int i = 0; i < MOST_TRIES; i++) {
            QueueTask done = step.get();
            if (done != null) {
                return done;
            }
        }
        throw new StoreUnavailableException(
                StoreUnavailableException.Reason.CONFLICT, "the task got another run again and again meanwhile", null);
    }

    /** Ends the task, or asks its runner to, if its deadline is over; returns whether that was so. */
    boolean judge(String taskId) {
        boolean[] judged = new boolean[1];
        retried(() -> context.backend()
                .write(tx -> change(tx, taskId, (task, run, now) -> {
                    Change change = DeadlineRules.task(task, run, now);
                    judged[0] = !change.isEmpty();
                    return change;
                })));
        return judged[0];
    }

    /** A rule about a task that has not ended, and its run. */
    private interface TaskRule {
        Change apply(QueueTask task, @Nullable RunView run, Instant now);
    }

    /**
     * Changes the task and its run as the rule says, unless the run is another one under the locks than it was before them: session and run are locked before
     * the task, so that the task's link to its run is read without a lock first. Then the answer is null, and nothing is written.
     */
    private @Nullable QueueTask change(StoreTx tx, String taskId, TaskRule rule) {
        QueueTask linked = tx.findTask(taskId).orElseThrow(() -> new NotFoundException("queue task", taskId));
        if (linked.state().terminal()) {
            return linked;
        }
        String runId = openRun(linked);
        RunEnd seen = runId == null ? null : tx.lockRunEnd(runId).orNull();
        QueueTask task = seen == null
                ? tx.lockTask(taskId, LockMode.WAIT).orNull()
                : seen.view().task();
        if (seen != null && task == null) {
            // A run that does not name its task, as in rows of the original manager: it is not the turn of its lock, so
            // that it
            // must not wait.
            task = tx.lockTask(taskId, LockMode.SKIP).orNull();
        }
        if (task == null || !Objects.equals(openRun(task), runId)) {
            return null;
        }
        RunView view = seen == null ? null : seen.view();
        return write(tx, rule.apply(task, view, tx.now()), task);
    }

    private static @Nullable String openRun(QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        return attempt == null || attempt.outcome() != null ? null : attempt.runId();
    }

    @Override
    public ReadMark markRead(String taskId, String readerId, long version) {
        String id = context.intake().id("taskId", taskId);
        String reader = context.intake().id("readerId", readerId);
        return Marks.move(context, MarkKind.TASK, id, reader, version);
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        return context.backend().read(reads -> reads.stats(given));
    }

    @Override
    public QueueSnapshot snapshot(QueueScope scope) {
        QueueScope given = Require.given("scope", scope);
        QueueSnapshot seen = context.backend().read(reads -> reads.snapshot(given, SNAPSHOT_ITEMS));
        int fitting = PageBytes.TASKS.fitting(seen.items());
        return fitting == seen.items().size()
                ? seen
                : new QueueSnapshot(seen.stats(), seen.items().subList(0, fitting));
    }

    /** Finds the open tasks of a filter in steps: the pending ones, then the running ones, each in the order of the queue. */
    private static final class OpenTasks {

        private static final String KIND = "open-tasks";

        /** The state whose tasks are looked for, and the keys of the last one; empty keys before the first one. */
        private static final int KEYS = 4;

        private static final Pages<QueueTask> PAGES = new Pages<>(
                KIND,
                KEYS,
                PageBytes.TASKS,
                task -> List.of(
                        task.state().wire(),
                        Cursors.key(task.place().priority()),
                        Cursors.key(task.createdAt()),
                        task.id()));

        private OpenTasks() {}

        /** The tasks of one step. Immutable. */
        record Step(List<QueueTask> tasks, @Nullable String nextCursor) {}

        static Step find(Context context, TaskCancel request) {
            int size = context.intake().page(request.limit());
            QueueQuery query = context.scope()
                    .narrow(request.scope())
                    .map(scope ->
                            QueueQuery.in(scope).withQueue(request.queue()).withLane(request.lane()))
                    .orElse(null);
            TaskState only = request.state();
            String bound =
                    query == null ? ViewScope.NOTHING : query.withState(only).fingerprint();
            List<String> keys = PAGES.after(bound, request.cursor());
            if (query == null) {
                // A closed store says so here too.
                return new Step(context.backend().read(reads -> List.of()), null);
            }
            TaskState state = only == null ? TaskState.PENDING : only;
            if (!keys.isEmpty()) {
                state = TaskState.fromWire("cursor", keys.get(0));
            }
            boolean begins = keys.isEmpty() || keys.get(KEYS - 1).isEmpty();
            Page<QueueTask> page = page(context, query.withState(state), bound, begins ? List.of() : keys, size);
            if (only != null || state == TaskState.RUNNING || page.nextCursor() != null) {
                return new Step(page.items(), page.nextCursor());
            }
            if (!page.items().isEmpty()) {
                return new Step(
                        page.items(), Cursors.encode(KIND, bound, List.of(TaskState.RUNNING.wire(), "", "", "")));
            }
            Page<QueueTask> running = page(context, query.withState(TaskState.RUNNING), bound, List.of(), size);
            return new Step(running.items(), running.nextCursor());
        }

        /** @param keys those of the last task that was found, its state first; none before the first one */
        private static Page<QueueTask> page(
                Context context, QueueQuery query, String bound, List<String> keys, int size) {
            List<String> after = keys.isEmpty() ? keys : keys.subList(1, KEYS);
            return PAGES.page(bound, size, context.backend().read(reads -> reads.tasks(query, after, size + 1)));
        }
    }
}
