package io.agentrun.postgres;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.ConflictException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Every operation of the store in one fixed order, each on records that the ones before it have left. */
final class OperationStory {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed()).withThread("thread", "turn");
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));
    private static final NewCommand TURN = NewCommand.turn(JsonObject.of("prompt", "go"));

    private final AgentRunStore store;
    private final AgentRunStore workers;
    private final Step step;
    private final Owner owner;
    private final TenantScope scope;
    private final String name;

    /** Takes an operation's name and carries it out. */
    interface Step {
        <T> T take(String name, Supplier<T> call);
    }

    /** A story whose records have names of their own, all equally long. */
    OperationStory(AgentRunStore store, int number, Step step) {
        this(store, store, number, step);
    }

    /** The same story on two views of a store: the second one is of {@link #workers}. */
    OperationStory(AgentRunStore store, AgentRunStore workers, int number, Step step) {
        this.store = store;
        this.workers = workers;
        this.step = step;
        name = name(number);
        owner = new Owner(name, "project");
        scope = TenantScope.tenant(name);
    }

    /** Returns the owner of what a worker takes. */
    static Owner workers(String name) {
        return new Owner(name + "-w", "project");
    }

    /** Returns the tenant of a story. */
    static String name(int number) {
        return String.format("story-%03d", number);
    }

    void tell() {
        runs();
        turns();
        ends();
        sessions();
        storage();
        queue();
        worker();
        runners();
        new QuestionStory(store, owner, step).tell();
        new ScheduleStory(store, owner, step).tell();
        reads();
        createAll();
        care();
    }

    private NewRun.Builder newRun() {
        return NewRun.builder(owner, SPEC);
    }

    private Run run(String session) {
        return store.runs()
                .create(newRun().session(SessionRef.of(name + session)).build());
    }

    private Fence claimed(Run run) {
        return store.leases().claim(run.id(), "runner", MINUTE).fence();
    }

    /** One that is refused alone sends its statement once, and asks once why. */
    private static boolean refused(Runnable call) {
        try {
            call.run();
        } catch (ConflictException e) {
            return true;
        }
        throw new AssertionError("was not refused");
    }

    private void runs() {
        Run plain = step.take("runs.create", () -> store.runs().create(newRun().build()));
        step.take("runs.create in a new session", () -> run("-a"));
        step.take("runs.create in a known session", () -> run("-a"));
        NewRun keyed = newRun().idempotencyKey("key").build();
        step.take("runs.create with a key", () -> store.runs().create(keyed));
        step.take("runs.create again with the key", () -> store.runs().create(keyed));
        step.take("runs.getByKey", () -> store.runs().getByKey(owner, "key"));
        Fence old = step.take("leases.claim", () -> claimed(plain));
        Fence fence = step.take("leases.claim again", () -> claimed(plain));
        step.take(
                "leases.claim that is refused",
                () -> refused(() -> store.leases().claim(plain.id(), "other", MINUTE)));
        step.take(
                "events.append that is refused",
                () -> refused(() -> store.events().append(old, EVENT)));
        step.take("leases.heartbeat", () -> store.leases().heartbeat(fence, MINUTE));
        step.take("events.append of one", () -> store.events().append(fence, EVENT));
        step.take("events.append of fifty", () -> store.events().append(fence, Collections.nCopies(50, EVENT)));
        step.take(
                "events.append of a numbered batch",
                () -> store.events().append(fence, EventBatch.numbered(1, List.of(EVENT))));
        step.take(
                "events.append of it again",
                () -> store.events().append(fence, EventBatch.numbered(1, List.of(EVENT))));
        step.take("events.appendUnfenced of one", () -> store.events().appendUnfenced(plain.id(), EVENT));
        step.take(
                "events.appendUnfenced of two",
                () -> store.events().appendUnfenced(plain.id(), Collections.nCopies(2, EVENT)));
        step.take("leases.release", () -> store.leases().release(fence));
        step.take(
                "leases.claimNext",
                () -> store.leases().claimNext(ClaimRequest.by("runner", MINUTE).withScope(scope)));
        step.take(
                "leases.claimNext of nothing",
                () -> store.leases()
                        .claimNext(ClaimRequest.by("runner", MINUTE).withScope(TenantScope.tenant("nobody"))));
    }

    private void turns() {
        Run run = run("-turns");
        Command first =
                step.take("commands.create a turn", () -> store.commands().create(run.id(), TURN));
        Command behind = step.take(
                "commands.create a turn that waits", () -> store.commands().create(run.id(), TURN));
        Fence fence = claimed(run);
        step.take("commands.await", () -> store.commands().await(fence, 10, Duration.ZERO));
        step.take("commands.acknowledge", () -> store.commands().acknowledge(fence, first.id()));
        step.take("commands.acknowledge again", () -> store.commands().acknowledge(fence, first.id()));
        step.take(
                "commands.create a steer",
                () -> store.commands().create(run.id(), NewCommand.steer(JsonObject.of("prompt", "so"))));
        step.take("commands.finish and promote", () -> store.commands().finish(fence, first.id(), DONE));
        step.take("commands.cancel", () -> store.commands().cancel(behind.id(), "no"));
        step.take("runs.cancel gracefully", () -> store.runs().cancel(run.id(), "no"));
        step.take("runs.finish", () -> store.runs().finish(fence, DONE));
        step.take("runs.finish again", () -> store.runs().finish(fence, DONE));
    }

    private void ends() {
        Run unclaimed = run("-b");
        step.take("runs.finishUnclaimed", () -> store.runs().finishUnclaimed(unclaimed.id(), Outcome.completed()));
        Run forced = run("-c");
        store.commands().create(forced.id(), TURN);
        claimed(forced);
        step.take("runs.cancel by force", () -> store.runs().cancel(forced.id(), "no", CancelMode.FORCE));
        Run lost = run("-d");
        store.leases().claim(lost.id(), "runner", MINUTE);
        step.take("leases.recover of a living lease", () -> store.leases().recover(lost.id(), 1));
        step.take("leases.endUnclaimed of none", () -> store.leases().endUnclaimed(new ExpiredQuery(scope, 10)));
        step.take("leases.listExpired", () -> store.leases().listExpired(new ExpiredQuery(scope, 10)));
    }

    private void sessions() {
        SessionUpsert input =
                SessionUpsert.builder(name + "-s", owner, BackendProfile.CODEX).build();
        step.take("sessions.upsert a new one", () -> store.sessions().upsert(input));
        step.take("sessions.upsert nothing new", () -> store.sessions().upsert(input));
        step.take(
                "sessions.upsert a title",
                () -> store.sessions().upsert(input.toBuilder().title("T").build()));
        step.take("sessions.markRead", () -> store.sessions().markRead(name + "-s", "reader", 1));
        step.take("sessions.markRead again", () -> store.sessions().markRead(name + "-s", "reader", 1));
    }

    private void storage() {
        String id = name + "-s";
        step.take("storage.provision", () -> store.storage().provision(new StorageIntent(id, "agents", "pvc")));
        step.take("storage.ready", () -> store.storage().ready(StorageReady.of(id, 1, "uid")));
        step.take(
                "storage.refresh",
                () -> store.storage()
                        .refresh(StorageRefresh.builder(id).sizeBytes(1L).build()));
        step.take("storage.beginEviction", () -> store.storage().beginEviction(id, 1, EvictionCause.REQUESTED));
        step.take(
                "storage.claimExpired",
                () -> store.storage()
                        .claimExpired(StorageClaimRequest.by("gc", MINUTE).withScope(scope)));
        step.take("storage.releaseClaim", () -> {
            store.storage().releaseClaim(id, "gc");
            return id;
        });
        step.take("storage.confirmEvicted", () -> store.storage().confirmEvicted(id, 1));
        step.take("storage.get", () -> store.storage().get(id));
    }

    private NewQueueTask.Builder newTask() {
        return NewQueueTask.builder(owner, name, "Task", SPEC);
    }

    private Dispatch dispatch() {
        return store.queue().dispatchNext(DispatchRequest.fromQueue(name)).orElseThrow();
    }

    private void createAll() {
        String elsewhere = name + "-many";
        List<NewQueueTask> hundred = IntStream.range(0, 100)
                .mapToObj(i -> NewQueueTask.builder(owner, elsewhere, "Task", SPEC)
                        .idempotencyKey(elsewhere + i)
                        .build())
                .toList();
        step.take("queue.createAll of a hundred", () -> store.queue().createAll(hundred));
        step.take("queue.createAll again", () -> store.queue().createAll(hundred));
    }

    private void care() {
        String elsewhere = name + "-care";
        List<QueueTask> ten = store.queue()
                .createAll(IntStream.range(0, 10)
                        .mapToObj(i -> NewQueueTask.builder(owner, elsewhere, "Task", SPEC)
                                .build())
                        .toList());
        TaskCancel all = TaskCancel.in(scope, "no").withQueue(elsewhere);
        step.take("queue.cancelAll of ten", () -> store.queue().cancelAll(all));
        step.take("queue.cancelAll of nothing", () -> store.queue().cancelAll(all));
        TaskRetry retry = TaskRetry.of(ten.get(0).id()).withIdempotencyKey("once");
        step.take("queue.retry", () -> store.queue().retry(retry));
        step.take("queue.retry again with the key", () -> store.queue().retry(retry));
        PurgeRequest ancient = new PurgeRequest(scope, Duration.ofDays(36_500), 100);
        step.take("queue.purge of nothing", () -> store.queue().purge(ancient));
        step.take("sessions.purge of nothing", () -> store.sessions().purge(ancient));
    }

    private void queue() {
        step.take("queue.create", () -> store.queue().create(newTask().build()));
        NewQueueTask keyed = newTask().idempotencyKey("key").build();
        QueueTask second =
                step.take("queue.create with a key", () -> store.queue().create(keyed));
        step.take("queue.create again with the key", () -> store.queue().create(keyed));
        Dispatch dispatch = step.take("queue.dispatchNext", this::dispatch);
        step.take(
                "queue.updateAttempt begins",
                () -> store.queue().updateAttempt(AttemptReport.running(second.id(), 1, "a")));
        step.take(
                "queue.updateAttempt ends",
                () -> store.queue().updateAttempt(AttemptReport.ended(second.id(), 1, "a", Outcome.completed())));
        step.take("queue.dispatchNext of nothing", () -> store.queue().dispatchNext(DispatchRequest.fromQueue(name)));
        Fence fence = claimed(dispatch.run());
        step.take("runs.finish of a task", () -> store.runs().finish(fence, DONE));
        store.queue().create(newTask().session(SessionRef.of(name + "-q")).build());
        Dispatch inSession = step.take("queue.dispatchNext with a session", this::dispatch);
        step.take(
                "queue.cancel by force",
                () -> store.queue().cancel(inSession.task().id(), "no", CancelMode.FORCE));
        step.take("queue.markRead", () -> store.queue().markRead(second.id(), "reader", second.version()));
        step.take("queue.get", () -> store.queue().get(second.id()));
        step.take("queue.getByKey", () -> store.queue().getByKey(owner, "key"));
        step.take(
                "runs.listByTask", () -> store.runs().listByTask(dispatch.task().id(), null, 10));
        step.take("queue.list", () -> store.queue().list(QueueQuery.inQueue(name)));
        step.take("queue.changes", () -> store.queue().changes(scope, null, 10));
        step.take("queue.stats", () -> store.queue().stats(QueueScope.inQueue(name)));
        step.take("queue.snapshot", () -> store.queue().snapshot(QueueScope.inQueue(name)));
    }

    private void worker() {
        // Not the owner whose runs are purged in the end.
        Owner others = workers(name);
        TakeRequest request = TakeRequest.by("runner", DispatchRequest.fromQueue(name + "-w"));
        NewQueueTask task =
                NewQueueTask.builder(others, name + "-w", "Task", SPEC).build();
        workers.queue().create(task);
        step.take("queue.take of one", () -> workers.queue().take(request));
        for (int i = 0; i < 8; i++) {
            workers.queue().create(task);
        }
        List<Taken> taken =
                step.take("queue.take of eight", () -> workers.queue().take(request.withN(8)));
        step.take("queue.take of nothing", () -> workers.queue().take(request));
        List<Fence> fences = taken.stream().map(each -> each.lease().fence()).toList();
        step.take("leases.heartbeatAll of eight", () -> workers.leases().heartbeatAll(fences, MINUTE));
        List<Acknowledgement> turns = taken.stream()
                .map(each -> new Acknowledgement(
                        each.lease().fence(), each.turns().get(0).id()))
                .toList();
        step.take("commands.acknowledgeAll of eight", () -> workers.commands().acknowledgeAll(turns));
        Fence first = fences.get(0);
        Command next = workers.commands().create(first.runId(), TURN);
        step.take(
                "runs.finishTurn and go on",
                () -> workers.runs().finishTurn(first, turns.get(0).commandId(), DONE));
        workers.commands().acknowledge(first, next.id());
        step.take("runs.finishTurn of the last", () -> workers.runs().finishTurn(first, next.id(), DONE));
        workers.leases().release(fences.get(1));
        workers.leases().release(fences.get(2));
        step.take("queue.take of two given back", () -> workers.queue().take(request.withN(2)));
        for (int i = 0; i < 2; i++) {
            workers.queue()
                    .create(NewQueueTask.builder(others, name + "-w", "Task", SPEC)
                            .session(SessionRef.of(name + "-w" + i))
                            .build());
        }
        step.take("queue.take of two in new sessions", () -> workers.queue().take(request.withN(2)));
    }

    private void runners() {
        Run run = run("-jobs");
        Command turn = store.commands().create(run.id(), TURN);
        NewRunnerJob job = NewRunnerJob.builder(run.id(), turn.id())
                .attemptId("a")
                .runnerId("r")
                .placement(new JobPlacement("agents", "job", "http://manager", "image", "commit", null))
                .idempotencyKey("key")
                .build();
        step.take("runners.register", () -> store.runners().register(NewRunner.of(name, RunnerInfo.unknown())));
        step.take("runners.find", () -> store.runners().find(name));
        step.take("runners.saveJob", () -> store.runners().saveJob(job));
        step.take("runners.saveJob again", () -> store.runners().saveJob(job));
        step.take("runners.findJob", () -> store.runners().findJob(run.id(), "key"));
        step.take("runners.listJobs", () -> store.runners().listJobs(run.id()));
        step.take("runners.saveBackend", () -> store.runners().saveBackend(NewBackend.of(BackendProfile.CODEX)));
        step.take("runners.backends", () -> store.runners().backends());
    }

    private void reads() {
        Run run = run("-reads");
        Command turn = store.commands().create(run.id(), TURN);
        String session = name + "-reads";
        step.take("runs.get", () -> store.runs().get(run.id()));
        step.take("runs.list", () -> store.runs().list(RunQuery.in(scope)));
        step.take("commands.get", () -> store.commands().get(turn.id()));
        step.take("commands.list", () -> store.commands().list(run.id(), 0, 10));
        step.take("events.list", () -> store.events().list(run.id(), 0, 10));
        step.take("events.await", () -> store.events().await(run.id(), 0, 10, Duration.ZERO));
        step.take("sessions.find", () -> store.sessions().find(session));
        step.take("sessions.summary", () -> store.sessions().summary(session, "reader"));
        step.take("sessions.list", () -> store.sessions().list(SessionQuery.in(scope)));
        step.take("sessions.changes", () -> store.sessions().changes(scope, null, 10));
        step.take("sessions.trace", () -> store.sessions().trace(SessionTraceQuery.of(session)));
        step.take("sessions.output", () -> store.sessions().output(SessionTraceQuery.of(session)));
        step.take("runs.purge", () -> store.runs().purge(new PurgeRequest(scope, Duration.ZERO, 100)));
        step.take("upkeep", store::upkeep);
        step.take("health", store::health);
    }
}
