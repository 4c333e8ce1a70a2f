package io.agentrun.engine.view;

import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.StoreReads;
import io.agentrun.command.Command;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant view reads: what belongs to another owner is missing, and every scope is narrowed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
class ScopedReads implements StoreReads {

    private final StoreReads reads;
    private final ViewScope scope;
    private final boolean checking;

    /** @param checking whether the backend checks by itself what it answers without its owner */
    ScopedReads(StoreReads reads, ViewScope scope, boolean checking) {
        this.reads = reads;
        this.scope = scope;
        this.checking = checking;
    }

    /** Returns whether the run is in the scope, or the backend checks that with what is read next. */
    final boolean seesRun(String runId) {
        return checking || findRun(runId).isPresent();
    }

    private boolean seesSession(String sessionId) {
        return checking || findSession(sessionId).isPresent();
    }

    private boolean seesTask(String taskId) {
        return checking || findTask(taskId).isPresent();
    }

    @Override
    public Optional<Run> findRun(String runId) {
        return reads.findRun(runId).filter(run -> scope.includes(run.owner()));
    }

    @Override
    public Optional<RunHead> findHead(String runId) {
        return seesRun(runId) ? reads.findHead(runId) : Optional.empty();
    }

    @Override
    public List<RunHead> findHeads(Collection<String> runIds) {
        return reads.findHeads(seenRuns(runIds));
    }

    /** Returns those of the runs that are in the scope, or all if the backend checks that with what is read next. */
    private Collection<String> seenRuns(Collection<String> runIds) {
        return checking ? runIds : runIds.stream().filter(this::seesRun).toList();
    }

    @Override
    public Optional<Run> findRun(Owner owner, String idempotencyKey) {
        scope.require("run", owner);
        return reads.findRun(owner, idempotencyKey);
    }

    @Override
    public Optional<Command> findCommand(String commandId) {
        return reads.findCommand(commandId).filter(command -> seesRun(command.runId()));
    }

    @Override
    public Optional<Command> findCommand(String runId, String idempotencyKey) {
        return seesRun(runId) ? reads.findCommand(runId, idempotencyKey) : Optional.empty();
    }

    @Override
    public Optional<Session> findSession(String sessionId) {
        return reads.findSession(sessionId).filter(session -> scope.includes(session.owner()));
    }

    @Override
    public Optional<QueueTask> findTask(String taskId) {
        return reads.findTask(taskId).filter(task -> scope.includes(task.owner()));
    }

    @Override
    public Optional<QueueTask> findTask(Owner owner, String idempotencyKey) {
        scope.require("queue task", owner);
        return reads.findTask(owner, idempotencyKey);
    }

    @Override
    public List<QueueTask> findTasks(Owner owner, Collection<String> idempotencyKeys) {
        scope.require("queue task", owner);
        return reads.findTasks(owner, idempotencyKeys);
    }

    @Override
    public Optional<Question> findQuestion(String questionId) {
        return reads.findQuestion(questionId).filter(question -> scope.includes(question.owner()));
    }

    @Override
    public Optional<Question> findQuestion(String runId, String idempotencyKey) {
        return reads.findQuestion(runId, idempotencyKey).filter(question -> scope.includes(question.owner()));
    }

    @Override
    public List<Question> questions(QuestionQuery query, List<String> after, int limit) {
        return scope.narrow(query.scope())
                .map(shown -> reads.questions(query.withScope(shown), after, limit))
                .orElse(List.of());
    }

    @Override
    public FeedSlice<Question> questionChanges(TenantScope asked, @Nullable String position, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.questionChanges(shown, position, limit))
                .orElseGet(ScopedReads::noChanges);
    }

    @Override
    public Optional<Runner> findRunner(String runnerId) {
        throw TenantPolicyException.ownerless("runner", runnerId);
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        return seesRun(runId) ? reads.findJob(runId, idempotencyKey) : Optional.empty();
    }

    @Override
    public Optional<ReadMark> findMark(MarkKind kind, String subjectId, String readerId) {
        boolean seen = switch (kind) {
            case SESSION -> seesSession(subjectId);
            case TASK -> seesTask(subjectId);
        };
        return seen ? reads.findMark(kind, subjectId, readerId) : Optional.empty();
    }

    @Override
    public List<Run> runs(RunQuery query, List<String> after, int limit) {
        return scope.narrow(query.scope())
                .map(shown -> reads.runs(query.withScope(shown), after, limit))
                .orElse(List.of());
    }

    @Override
    public Optional<List<Run>> runsOfTask(String taskId, List<String> after, int limit) {
        return seesTask(taskId) ? reads.runsOfTask(taskId, after, limit) : Optional.empty();
    }

    @Override
    public List<Run> expiredRuns(TenantScope asked, Set<String> without, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.expiredRuns(shown, without, limit))
                .orElse(List.of());
    }

    /** Deadlines are judged for all owners. */
    @Override
    public List<Overdue> overdue(int limit) {
        throw TenantPolicyException.ownerless("deadlines", "*");
    }

    @Override
    public Optional<Schedule> findSchedule(ScheduleKey key) {
        return reads.findSchedule(key).filter(schedule -> scope.includes(key.owner()));
    }

    @Override
    public List<Schedule> schedules(TenantScope asked, List<String> after, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.schedules(shown, after, limit))
                .orElse(List.of());
    }

    @Override
    public DueSchedules dueSchedules(TenantScope asked, int limit) {
        return reads.dueSchedules(
                scope.narrow(asked).orElse(asked), scope.narrow(asked).isPresent() ? limit : 0);
    }

    @Override
    public List<Run> overdueRuns(TenantScope asked, Set<String> without, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.overdueRuns(shown, without, limit))
                .orElse(List.of());
    }

    @Override
    public Optional<List<Command>> commands(String runId, long afterSeq, int limit) {
        return seesRun(runId) ? reads.commands(runId, afterSeq, limit) : Optional.empty();
    }

    @Override
    public Optional<Deliverable> deliverable(String runId, int limit) {
        return seesRun(runId) ? reads.deliverable(runId, limit) : Optional.empty();
    }

    @Override
    public Map<String, Deliverable> deliverables(Collection<String> runIds, int limit) {
        return reads.deliverables(seenRuns(runIds), limit);
    }

    @Override
    public Map<String, EventSlice> eventsOfAll(Map<String, Long> after, int limit) {
        Map<String, Long> seen = new HashMap<>(after);
        seen.keySet().retainAll(Set.copyOf(seenRuns(after.keySet())));
        return reads.eventsOfAll(seen, limit);
    }

    @Override
    public Optional<EventSlice> events(String runId, long afterSeq, int limit, Visibility visibility) {
        return seesRun(runId) ? reads.events(runId, afterSeq, limit, visibility) : Optional.empty();
    }

    @Override
    public List<SessionSummary> sessions(SessionQuery query, List<String> after, int limit) {
        return scope.narrow(query.scope())
                .map(shown -> reads.sessions(query.withScope(shown), after, limit))
                .orElse(List.of());
    }

    @Override
    public List<QueueTask> tasks(QueueQuery query, List<String> after, int limit) {
        return scope.narrow(query.scope())
                .map(shown -> reads.tasks(query.withScope(shown), after, limit))
                .orElse(List.of());
    }

    @Override
    public FeedSlice<Session> sessionChanges(TenantScope asked, @Nullable String position, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.sessionChanges(shown, position, limit))
                .orElseGet(ScopedReads::noChanges);
    }

    @Override
    public FeedSlice<QueueTask> taskChanges(TenantScope asked, @Nullable String position, int limit) {
        return scope.narrow(asked)
                .map(shown -> reads.taskChanges(shown, position, limit))
                .orElseGet(ScopedReads::noChanges);
    }

    private static <T> FeedSlice<T> noChanges() {
        return new FeedSlice<>(List.of(), "", false, false);
    }

    @Override
    public QueueStats stats(QueueScope asked) {
        return scope.narrow(asked.scope())
                .map(shown -> reads.stats(asked.withScope(shown)))
                .orElseGet(() -> nothingOf(reads.stats(asked)));
    }

    /** Returns the statistics of nothing, at the time of the store. */
    private static QueueStats nothingOf(QueueStats stats) {
        return new QueueStats(stats.scope(), Map.of(), Map.of(), 0, 0, null, stats.generatedAt());
    }

    @Override
    public TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit) {
        return scope.narrow(filter.scope())
                .map(shown -> reads.takeCandidates(filter.withScope(shown), passed, limit))
                .orElseGet(() -> new TakeCandidates(List.of(), List.of()));
    }

    @Override
    public List<RunnerJob> jobs(String runId, @Nullable String commandId) {
        return seesRun(runId) ? reads.jobs(runId, commandId) : List.of();
    }

    @Override
    public List<Backend> backends() {
        throw TenantPolicyException.ownerless("backend", "*");
    }

    /** Limits have no owner: what a view takes obeys them, and its own operations on them are refused by the engine. */
    @Override
    public List<Limit> limits(List<String> after, int limit) {
        return reads.limits(after, limit);
    }

    @Override
    public List<Limit> limits(Collection<LimitKey> keys) {
        return reads.limits(keys);
    }

    @Override
    public List<LimitSlot> slots(Collection<LimitKey> values) {
        return reads.slots(values);
    }

    @Override
    public Optional<SessionSummary> summary(String sessionId, @Nullable String readerId) {
        return reads.summary(sessionId, readerId)
                .filter(summary -> scope.includes(summary.session().owner()));
    }

    @Override
    public Optional<TraceSlice> trace(
            String sessionId, @Nullable String runId, long afterSeq, int limit, Visibility visibility) {
        return seesSession(sessionId) ? reads.trace(sessionId, runId, afterSeq, limit, visibility) : Optional.empty();
    }

    @Override
    public QueueSnapshot snapshot(QueueScope asked, int items) {
        return scope.narrow(asked.scope())
                .map(shown -> reads.snapshot(asked.withScope(shown), items))
                .orElseGet(() -> new QueueSnapshot(nothingOf(reads.stats(asked)), List.of()));
    }

    @Override
    public JobSlice jobs(JobQuery query) {
        return seesRun(query.runId()) ? reads.jobs(query) : new JobSlice(false, null, List.of());
    }
}
