package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.example.agent.Runners;
import io.agentrun.example.agent.Scratch;
import io.agentrun.example.terminal.Progress;
import io.agentrun.example.terminal.Report;
import io.agentrun.example.terminal.Tail;
import io.agentrun.example.terminal.TaskFeed;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.Maintenance;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.WorkerListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The host program over one store: queues the tasks, lets a worker work them off, and shows how it goes.
 *
 * <p>{@link #stop} may be called from any thread; otherwise not thread-safe: one thread at a time.
 */
final class LocalAgents {
    static final int STOPPED = 130;

    private static final TenantScope SCOPE = TenantScope.project(TaskFile.OWNER.tenantId(), TaskFile.OWNER.projectId());
    private static final long LOOK_MILLIS = 50;
    private static final String READER = "terminal";
    private static final Duration STOP_GRACE = Duration.ofSeconds(3);
    private static final Duration SOON = Duration.ofSeconds(2);

    private final AgentRunStore store;
    private final Runners runners;
    private final Options options;
    private final PrintStream out;
    private final CompletableFuture<AgentWorker> worker = new CompletableFuture<>();
    private final AtomicInteger released = new AtomicInteger();
    private final CountDownLatch stopAsked = new CountDownLatch(1);

    LocalAgents(AgentRunStore store, Runners runners, Options options, PrintStream out) {
        this.store = store;
        this.runners = runners;
        this.options = options;
        this.out = out;
    }

    /** Queues the tasks that are not there yet, works until all have ended or {@link #stop}, and returns the exit code. */
    int run(List<NewQueueTask> wanted) {
        TaskFeed feed = TaskFeed.fromNow(store, SCOPE);
        List<String> taskIds = queue(wanted);
        Progress progress = new Progress(store, taskIds, out);
        Tail tail = tail(taskIds);
        Questions questions = new Questions(store, SCOPE, progress, answers(taskIds));
        try (AgentWorker started = worker();
                Maintenance ignored = maintenance(progress)) {
            worker.complete(started);
            work(feed, progress, questions, taskIds);
            started.close(Duration.ZERO);
        } catch (StoreClosedException e) {
            // Ctrl-C closes the store behind our back, once the worker has given everything back.
            return STOPPED;
        }
        if (stopAsked.getCount() == 0) {
            return STOPPED;
        }
        if (tail != null && progress.allEnded()) {
            tail.join();
        }
        taskIds.stream().filter(id -> store.queue().get(id).state().terminal()).forEach(Scratch::delete);
        Report report = Report.of(store, SCOPE, taskIds);
        report.printTasks(out);
        Report.printUnreadSessions(store, SCOPE, READER, out);
        questions.printOpen(out);
        return report.allCompleted() ? 0 : Main.NOT_COMPLETED;
    }

    /** One worker for all: it has a runner id of its own at each start. */
    private AgentWorker worker() {
        BackendProfile backend = options.agent().kind().backend();
        RunnerInfo info = RunnerInfo.builder()
                .backendProfile(backend)
                .placement(runners.placement())
                .metadata(JsonObject.of("pid", ProcessHandle.current().pid()))
                .build();
        return AgentWorker.builder(
                        store,
                        store.runners().register(NewRunner.withoutId(info)).id())
                .queue(TaskFile.QUEUE)
                .scope(SCOPE)
                .backends(Set.of(backend))
                .slots(options.workers())
                .lease(options.lease())
                .stopGrace(STOP_GRACE)
                .parkAfter(Duration.ZERO)
                .agent(runners.agent())
                .listener(new WorkerListener() {
                    @Override
                    public void released(Run run) {
                        released.incrementAndGet();
                    }
                })
                .start();
    }

    /** Gives the runs of workers that are gone to others; soon after the start, for an earlier start may have left some. */
    private Maintenance maintenance(Progress progress) {
        Duration half = options.lease().dividedBy(2);
        Maintenance.Builder builder = Maintenance.builder(store)
                .scope(SCOPE)
                .recoverEvery(half.compareTo(SOON) < 0 ? half : SOON)
                .listener(new MaintenanceListener() {
                    @Override
                    public void passed(String task, long changed) {
                        if (changed > 0 && task.equals("recover")) {
                            progress.recovered(changed + (changed == 1 ? " run" : " runs"));
                        }
                    }
                });
        runners.witness((runId, what) -> progress.recovered(runId + ": " + what))
                .ifPresent(builder::witness);
        return builder.start();
    }

    /** Ends what is running and gives the runs back; returns when that is done. A second call does nothing. */
    void stop() {
        if (stopAsked.getCount() == 0) {
            return;
        }
        AgentWorker started = worker.getNow(null);
        if (started != null) {
            started.close(Duration.ZERO);
        }
        stopAsked.countDown();
        out.printf(
                "stopped: %d run%s given back%s%n",
                released.get(),
                released.get() == 1 ? "" : "s",
                options.store().lasting() ? "; started again on the same state, it goes on" : "");
    }

    /** Returns once {@link #stop} was called; an interrupt calls it. */
    void awaitStop() {
        try {
            stopAsked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    /** Returns the ids of the tasks, in the order of the file. */
    private List<String> queue(List<NewQueueTask> wanted) {
        Map<String, String> known = knownByKey();
        int before = known.size();
        List<String> ids = new ArrayList<>();
        for (NewQueueTask task : wanted) {
            String key = String.valueOf(task.idempotencyKey());
            String id = known.get(key);
            ids.add(id == null ? create(task, key) : id);
        }
        long found = ids.stream().filter(known::containsValue).count();
        out.printf("%d tasks: %d queued now, %d there already%n", ids.size(), ids.size() - found, found);
        if (before > found) {
            out.printf("%d other tasks in the queue are worked off beside them%n", before - found);
        }
        return ids;
    }

    /**
     * The key alone does not do for a task with a start time: that is counted from now, so at a second start the content
     * differs and the key is refused. Which is as good an answer: somebody else has queued it.
     */
    private String create(NewQueueTask task, String key) {
        try {
            return store.queue().create(task).id();
        } catch (IdempotencyConflictException queuedMeanwhile) {
            String id = knownByKey().get(key);
            if (id == null) {
                throw queuedMeanwhile;
            }
            return id;
        }
    }

    private Map<String, String> knownByKey() {
        Map<String, String> known = new HashMap<>();
        QueueQuery query = QueueQuery.inQueue(TaskFile.QUEUE).withScope(SCOPE).withLimit(500);
        for (QueueTask task : Pages.all(query, q -> store.queue().list(q), QueueQuery::withCursor)) {
            if (task.idempotency() != null) {
                known.put(task.idempotency().key(), task.id());
            }
        }
        return known;
    }

    private @Nullable Tail tail(List<String> taskIds) {
        String taskId = chosen(options.tail(), taskIds);
        return taskId == null ? null : Tail.start(store, taskId, out);
    }

    private @Nullable String chosen(@Nullable String task, List<String> taskIds) {
        if (task == null) {
            return null;
        }
        List<String> titles =
                taskIds.stream().map(id -> store.queue().get(id).title()).toList();
        return taskIds.get(Options.indexOf(task, titles).orElseThrow());
    }

    private Map<String, String> answers(List<String> taskIds) {
        Map<String, String> byId = new HashMap<>();
        options.answers().forEach((task, text) -> byId.put(String.valueOf(chosen(task, taskIds)), text));
        return byId;
    }

    /** Works until all have ended; or wait for an answer, and nobody can give one meanwhile. */
    private void work(TaskFeed feed, Progress progress, Questions questions, List<String> taskIds) {
        String toCancel = chosen(options.cancel(), taskIds);
        do {
            questions.look();
            for (QueueTask task : feed.next()) {
                progress.changed(task);
                if (task.id().equals(toCancel) && task.state() == TaskState.RUNNING) {
                    store.queue().cancel(task.id(), "asked for on the command line");
                }
            }
        } while (!progress.allEnded() && (options.console() || !questions.allWait(taskIds)) && !stopped());
    }

    private boolean stopped() {
        try {
            return stopAsked.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
            return true;
        }
    }
}
