package io.agentrun.tck.suite;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.SeenCommands;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.inspect.Bounds;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.Reply;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerInfo;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Every operation of a store but {@code health} and {@code close}, as a call with good input, for tests that ask the same
 * of each of them.
 *
 * <p>The records that the calls name are the caller's choice: known ones, or unknown ones. Immutable.
 */
final class Operations {

    /**
     * One call.
     *
     * @param name part and method, with the argument that makes it another call if there are several
     * @param ids the ids that it names: a letter for each kind, as in {@link Ids}
     */
    record Operation(String name, String ids, Consumer<AgentRunStore> call) {

        /** Returns the name of the method, as in {@link Operations#ofTheApi}. */
        String method() {
            return name.replaceFirst(" .*", "");
        }
    }

    /** The ids that the calls name: r(un), c(ommand), s(ession), t(ask), q(uestion). */
    record Ids(String run, String command, String session, String task, String question) {}

    /** The ids that the calls name, with the fence of the run. */
    record Held(Ids ids, Fence fence) {

        Held(Command command, String session, QueueTask task, Question question, Fence fence) {
            this(new Ids(command.runId(), command.id(), session, task.id(), question.id()), fence);
        }
    }

    private static final Set<String> NO_OPERATIONS = Set.of("health", "close");
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

    /** The numbered batch that the call of {@code events.append} appends. */
    static final EventBatch NUMBERED = EventBatch.numbered(1, List.of(EVENT));

    private static final JobPlacement PLACE = new JobPlacement("agents", "job", "http://m", "image", "abc", null);

    private final List<Operation> all = new ArrayList<>();
    private final Ids ids;
    private final Fence fence;

    private Operations(Ids ids, Fence fence) {
        this.ids = ids;
        this.fence = fence;
    }

    /** All operations, on the records of the given ids, with a fence that does not hold. */
    static List<Operation> on(Ids ids, Given given) {
        return on(new Held(ids, Given.forged(ids.run(), Given.RUNNER, 1)), given);
    }

    /** All operations, on the records of the given ids, with the fence. */
    static List<Operation> on(Held held, Given given) {
        Operations operations = new Operations(held.ids(), held.fence());
        operations.runs(given);
        operations.leases();
        operations.commands(given);
        operations.events();
        operations.runners();
        operations.sessions(given);
        operations.storage();
        operations.queue(given);
        operations.limits();
        operations.questions();
        operations.schedules(given);
        operations.inspect();
        operations.add("upkeep", "", AgentRunStore::upkeep);
        return List.copyOf(operations.all);
    }

    private void runs(Given given) {
        NewRun run = given.newRun().build();
        add("runs.create", "", s -> s.runs().create(run));
        add("runs.get", "r", s -> s.runs().get(ids.run()));
        add("runs.getByKey", "", s -> s.runs().getByKey(given.owner(), KEY));
        add("runs.listByTask", "t", s -> s.runs().listByTask(ids.task(), null, 10));
        add("runs.list", "", s -> s.runs().list(RunQuery.in(TenantScope.all())));
        add("runs.finish", "r", s -> s.runs().finish(fence, DONE));
        add("runs.finishTurn", "rc", s -> s.runs().finishTurn(fence, ids.command(), DONE));
        add("runs.finishUnclaimed", "r", s -> s.runs().finishUnclaimed(ids.run(), Outcome.completed()));
        add("runs.cancel", "r", s -> s.runs().cancel(ids.run(), "no more", CancelMode.FORCE));
        add("runs.cancel gracefully", "r", s -> s.runs().cancel(ids.run(), "no more"));
        add("runs.purge", "", s -> s.runs().purge(PurgeRequest.olderThan(Duration.ofDays(1))));
    }

    private void leases() {
        add("leases.claim", "r", s -> s.leases().claim(ids.run(), Given.RUNNER, Given.LEASE));
        add("leases.claimNext", "", s -> s.leases().claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE)));
        add("leases.heartbeat", "r", s -> s.leases().heartbeat(fence, Given.LEASE));
        add("leases.heartbeatAll", "", s -> s.leases().heartbeatAll(List.of(fence), Given.LEASE));
        add("leases.release", "r", s -> s.leases().release(fence));
        add("leases.park", "rq", s -> s.leases().park(fence, List.of(ids.question())));
        add("leases.listExpired", "", s -> s.leases().listExpired(expired()));
        add("leases.recover", "r", s -> s.leases().recover(ids.run(), 1));
        add("leases.recoverExpired", "", s -> s.leases().recoverExpired(expired()));
        add("leases.endUnclaimed", "", s -> s.leases().endUnclaimed(expired()));
    }

    private static ExpiredQuery expired() {
        return new ExpiredQuery(TenantScope.all(), 10);
    }

    private void commands(Given given) {
        add("commands.create", "r", s -> s.commands().create(ids.run(), given.newTurn("do it")));
        add("commands.get", "c", s -> s.commands().get(ids.command()));
        add("commands.list", "r", s -> s.commands().list(ids.run(), 0, 10));
        add("commands.await", "r", s -> s.commands().await(fence, 10, Duration.ZERO));
        add("commands.awaitAny", "", s -> s.commands().awaitAny(waits(SeenCommands.nothing(fence)), Duration.ZERO));
        add("commands.acknowledge", "rc", s -> s.commands().acknowledge(fence, ids.command()));
        add(
                "commands.acknowledgeAll",
                "",
                s -> s.commands().acknowledgeAll(List.of(new Acknowledgement(fence, ids.command()))));
        add("commands.finish", "rc", s -> s.commands().finish(fence, ids.command(), DONE));
        add("commands.cancel", "c", s -> s.commands().cancel(ids.command(), "no more"));
    }

    private void events() {
        add("events.append one", "r", s -> s.events().append(fence, EVENT));
        add("events.append", "r", s -> s.events().append(fence, List.of(EVENT)));
        add("events.append numbered", "r", s -> s.events().append(fence, NUMBERED));
        add("events.appendUnfenced one", "r", s -> s.events().appendUnfenced(ids.run(), EVENT));
        add("events.appendUnfenced", "r", s -> s.events().appendUnfenced(ids.run(), List.of(EVENT)));
        add("events.list", "r", s -> s.events().list(ids.run(), 0, 10));
        add("events.await", "r", s -> s.events().await(ids.run(), 0, 10, Duration.ZERO));
        add("events.awaitAny", "", s -> s.events().awaitAny(waits(0L), Duration.ZERO));
    }

    private <S> WaitSet<S> waits(S seen) {
        WaitSet<S> waits = WaitSet.create();
        waits.put(ids.run(), seen);
        return waits;
    }

    private void runners() {
        add("runners.register", "", s -> s.runners().register(NewRunner.of("runner-x", RunnerInfo.unknown())));
        add("runners.find", "", s -> s.runners().find("runner-x"));
        add("runners.saveJob", "rc", s -> s.runners().saveJob(job()));
        add("runners.findJob", "", s -> s.runners().findJob(ids.run(), "key"));
        add("runners.listJobs", "r", s -> s.runners().listJobs(ids.run()));
        add(
                "runners.listJobs of a command",
                "rc",
                s -> s.runners().listJobs(JobQuery.ofCommand(ids.run(), ids.command())));
        add("runners.backends", "", s -> s.runners().backends());
        add("runners.saveBackend", "", s -> s.runners().saveBackend(NewBackend.of(Given.PROFILE)));
    }

    private NewRunnerJob job() {
        return NewRunnerJob.builder(ids.run(), ids.command())
                .attemptId("attempt")
                .runnerId(Given.RUNNER)
                .placement(PLACE)
                .build();
    }

    private void sessions(Given given) {
        SessionUpsert upsert = given.newSession().build();
        SessionTraceQuery query = SessionTraceQuery.of(ids.session());
        TenantScope scope = given.scope();
        add("sessions.upsert", "", s -> s.sessions().upsert(upsert));
        add("sessions.forget", "s", s -> s.sessions().forget(ids.session(), SessionText.THREAD, "thread"));
        add("sessions.forgetThread", "s", s -> s.sessions().forgetThread(ids.session(), "thread"));
        add("sessions.find", "", s -> s.sessions().find(ids.session()));
        add("sessions.get", "s", s -> s.sessions().get(ids.session()));
        add("sessions.summary", "s", s -> s.sessions().summary(ids.session(), "ann"));
        add("sessions.list", "", s -> s.sessions().list(SessionQuery.in(scope)));
        add("sessions.changes", "", s -> s.sessions().changes(scope, null, 10));
        add("sessions.trace", "s", s -> s.sessions().trace(query));
        add("sessions.output", "s", s -> s.sessions().output(query));
        add("sessions.purge", "", s -> s.sessions().purge(PurgeRequest.olderThan(Duration.ZERO)));
        add("sessions.markRead", "s", s -> s.sessions().markRead(ids.session(), "ann", 1));
    }

    private void storage() {
        String id = ids.session();
        add("storage.get", "s", s -> s.storage().get(id));
        add(
                "storage.refresh",
                "s",
                s -> s.storage()
                        .refresh(StorageRefresh.builder(id).sizeBytes(1L).build()));
        add("storage.provision", "s", s -> s.storage().provision(new StorageIntent(id, "agents", "claim")));
        add("storage.ready", "s", s -> s.storage().ready(StorageReady.of(id, 1, "uid")));
        add("storage.beginEviction", "s", s -> s.storage().beginEviction(id, 1, EvictionCause.REQUESTED));
        add("storage.confirmEvicted", "s", s -> s.storage().confirmEvicted(id, 1));
        add("storage.markMissing", "s", s -> s.storage().markMissing(id, 1));
        add("storage.claimExpired", "", s -> s.storage().claimExpired(StorageClaimRequest.by("gc", Given.LEASE)));
        add("storage.releaseClaim", "s", s -> s.storage().releaseClaim(id, "gc"));
    }

    private void queue(Given given) {
        NewQueueTask task = given.newTask("queue").build();
        add("queue.create", "", s -> s.queue().create(task));
        add("queue.createAll", "", s -> s.queue().createAll(List.of(task)));
        add("queue.get", "t", s -> s.queue().get(ids.task()));
        add("queue.getByKey", "", s -> s.queue().getByKey(given.owner(), KEY));
        add("queue.list", "", s -> s.queue().list(QueueQuery.inQueue("queue")));
        add("queue.changes", "", s -> s.queue().changes(TenantScope.all(), null, 10));
        add("queue.dispatchNext", "", s -> s.queue().dispatchNext(DispatchRequest.fromQueue("queue")));
        add("queue.take", "", s -> s.queue().take(TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue("queue"))));
        add("queue.updateAttempt", "t", s -> s.queue().updateAttempt(AttemptReport.running(ids.task(), 1, "attempt")));
        add("queue.cancel", "t", s -> s.queue().cancel(ids.task(), "no more", CancelMode.FORCE));
        add("queue.cancel gracefully", "t", s -> s.queue().cancel(ids.task(), "no more"));
        add("queue.cancelAll", "", s -> s.queue().cancelAll(TaskCancel.in(given.scope(), "no more")));
        add("queue.retry", "t", s -> s.queue().retry(TaskRetry.of(ids.task())));
        add("queue.purge", "", s -> s.queue().purge(PurgeRequest.olderThan(Duration.ZERO)));
        add("queue.markRead", "t", s -> s.queue().markRead(ids.task(), "ann", 1));
        add("queue.stats", "", s -> s.queue().stats(QueueScope.all()));
        add("queue.snapshot", "", s -> s.queue().snapshot(QueueScope.all()));
    }

    private void limits() {
        LimitKey key = LimitKey.eachTenant();
        add("limits.set", "", s -> s.limits().set(Limit.running(key, 1_000)));
        add("limits.get", "", s -> s.limits().get(key, LimitKind.RUNNING));
        add("limits.list", "", s -> s.limits().list(null, 10));
        add("limits.remove", "", s -> s.limits().remove(key, LimitKind.RUNNING));
        add("limits.holders", "", s -> s.limits().holders(LimitKey.queue("queue")));
    }

    private void questions() {
        String id = ids.question();
        add("questions.ask", "r", s -> s.questions().ask(fence, NewQuestion.of("which one?")));
        add("questions.get", "q", s -> s.questions().get(id));
        add("questions.list", "", s -> s.questions().list(QuestionQuery.in(TenantScope.all())));
        add("questions.changes", "", s -> s.questions().changes(TenantScope.all(), null, 10));
        add("questions.answer", "q", s -> s.questions().answer(id, Reply.text("this one"), "ann"));
        add("questions.withdraw", "q", s -> s.questions().withdraw(id, "no more"));
    }

    private void schedules(Given given) {
        NewSchedule schedule = NewSchedule.of(
                "nightly", "0 2 * * *", "UTC", given.newTask("queue").build());
        ScheduleKey key = schedule.key();
        add("schedules.put", "", s -> s.schedules().put(schedule));
        add("schedules.get", "", s -> s.schedules().get(key));
        add("schedules.list", "", s -> s.schedules().list(ScheduleQuery.in(given.scope())));
        add("schedules.due", "", s -> s.schedules().due(given.scope(), 10));
        add("schedules.advance", "", s -> s.schedules().advance(new Advance(key, Instant.EPOCH, null)));
        add("schedules.pause", "", s -> s.schedules().pause(key));
        add("schedules.resume", "", s -> s.schedules().resume(key));
        add("schedules.delete", "", s -> {
            s.schedules().put(schedule);
            s.schedules().delete(key);
        });
    }

    private void inspect() {
        add("inspect.task", "t", s -> s.inspect().task(ids.task()));
        add("inspect.run", "r", s -> s.inspect().run(ids.run()));
        add("inspect.command", "c", s -> s.inspect().command(ids.command()));
        add("inspect.session", "s", s -> s.inspect().session(ids.session()));
        add("inspect.doctor", "", s -> s.inspect().doctor());
        add("inspect.doctor within bounds", "", s -> s.inspect().doctor(Bounds.DEFAULTS.withRecords(2)));
    }

    private void add(String name, String named, Consumer<AgentRunStore> call) {
        all.add(new Operation(name, named, call));
    }

    /** Returns the names of all operations that the interfaces of the API have, one for each method, as {@code part.method}. */
    static List<String> ofTheApi() {
        List<String> operations = new ArrayList<>();
        for (Method part : AgentRunStore.class.getMethods()) {
            Class<?> type = part.getReturnType();
            if (type == AgentRunStore.class || NO_OPERATIONS.contains(part.getName())) {
                continue;
            }
            if (type.isInterface()) {
                for (Method operation : type.getMethods()) {
                    operations.add(part.getName() + "." + operation.getName());
                }
            } else {
                operations.add(part.getName());
            }
        }
        return List.copyOf(operations);
    }

    /** The key of a run and of a task that may be there. */
    static final String KEY = "known";

    /** The ids of a running run in a session, its acknowledged turn, and a pending task. */
    static Ids known(Given given) {
        return held(given).ids();
    }

    /** The same, with the fence that holds. */
    static Held held(Given given) {
        RunLease lease = given.claimed(given.runIn(given.name("session")));
        Command turn = given.acknowledgedTurn(lease);
        Question question = given.question(lease);
        return new Held(turn, given.session().id(), given.task("queue"), question, lease.fence());
    }

    /** Ids of nothing. */
    static Ids unknown() {
        return new Ids("run_unknown", "cmd_unknown", "session_unknown", "qt_unknown", "qst_unknown");
    }
}
