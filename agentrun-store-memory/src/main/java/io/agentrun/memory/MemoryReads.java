package io.agentrun.memory;

import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.LimitSets;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads;
import io.agentrun.check.Times;
import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.RunEvent;
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
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the state; the caller holds the executor's lock. */
class MemoryReads implements StoreReads {

    final MemoryState state;
    final MemoryTakes takes;
    private final Clock clock;

    MemoryReads(MemoryState state, Clock clock) {
        this.state = state;
        this.clock = clock;
        this.takes = new MemoryTakes(this);
    }

    /** Returns the time now, in microseconds. */
    final Instant clock() {
        return Times.micros(clock.instant());
    }

    @Override
    public Optional<Run> findRun(String runId) {
        RunEntry entry = state.runs.get(runId);
        return entry == null ? Optional.empty() : Optional.of(entry.run());
    }

    @Override
    public Optional<RunHead> findHead(String runId) {
        return Optional.ofNullable(state.runs.get(runId)).map(RunEntry::head);
    }

    @Override
    public Optional<Run> findRun(Owner owner, String idempotencyKey) {
        return keyed("run", MemoryState.scope(owner), idempotencyKey).flatMap(this::findRun);
    }

    private Optional<String> keyed(String kind, String scope, String key) {
        return Optional.ofNullable(state.keyed(kind, scope, key));
    }

    @Override
    public Optional<Command> findCommand(String commandId) {
        return Optional.ofNullable(state.commands.get(commandId));
    }

    @Override
    public Optional<Command> findCommand(String runId, String idempotencyKey) {
        return keyed("command", runId, idempotencyKey).flatMap(this::findCommand);
    }

    @Override
    public Optional<Session> findSession(String sessionId) {
        return Optional.ofNullable(state.sessions.get(sessionId));
    }

    @Override
    public Optional<QueueTask> findTask(String taskId) {
        return Optional.ofNullable(state.tasks.get(taskId));
    }

    @Override
    public Optional<QueueTask> findTask(Owner owner, String idempotencyKey) {
        return keyed("task", MemoryState.scope(owner), idempotencyKey).flatMap(this::findTask);
    }

    @Override
    public Optional<Question> findQuestion(String questionId) {
        return Optional.ofNullable(state.questions.find(questionId));
    }

    @Override
    public Optional<Question> findQuestion(String runId, String idempotencyKey) {
        return keyed("question", runId, idempotencyKey).flatMap(this::findQuestion);
    }

    @Override
    public List<Question> questions(QuestionQuery query, List<String> after, int limit) {
        return list(
                state.questions.index(query),
                after.isEmpty() ? null : new IndexKey(0, Cursors.instant(after.get(0)), after.get(1)),
                state.questions::get,
                question -> matches(query, question),
                limit);
    }

    private static boolean matches(QuestionQuery query, Question question) {
        return query.scope().includes(question.owner())
                && (query.state() == null || query.state() == question.state())
                && (query.runId() == null || query.runId().equals(question.runId()))
                && (query.sessionId() == null || query.sessionId().equals(question.sessionId()));
    }

    @Override
    public FeedSlice<Question> questionChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(
                state.questions.byVersion,
                state.questions.lastVersion,
                PageBytes.QUESTIONS,
                question -> scope.includes(question.owner()),
                position,
                limit);
    }

    @Override
    public Optional<Runner> findRunner(String runnerId) {
        return Optional.ofNullable(state.runners.get(runnerId));
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        return jobs(runId, null).stream()
                .filter(job ->
                        job.idempotency() != null && job.idempotency().key().equals(idempotencyKey))
                .findFirst();
    }

    @Override
    public Optional<ReadMark> findMark(MarkKind kind, String subjectId, String readerId) {
        return Optional.ofNullable(state.marks(kind).get(new MemoryState.Reader(subjectId, readerId)));
    }

    @Override
    public List<Run> runs(RunQuery query, List<String> after, int limit) {
        String sessionId = query.sessionId();
        return list(
                sessionId == null ? state.runsByAge : state.runsOfSessions.of(sessionId),
                after.isEmpty() ? null : new IndexKey(0, Cursors.instant(after.get(0)), after.get(1)),
                id -> state.entry(id).run(),
                run -> matches(query, run),
                limit);
    }

    @Override
    public Optional<List<Run>> runsOfTask(String taskId, List<String> after, int limit) {
        return findTask(taskId)
                .map(task -> list(
                        state.runsOfTasks.of(taskId),
                        after.isEmpty() ? null : new IndexKey(0, Cursors.instant(after.get(0)), after.get(1)),
                        id -> state.entry(id).run(),
                        run -> true,
                        limit));
    }

    private static boolean matches(RunQuery query, Run run) {
        return query.scope().includes(run.owner())
                && (query.status() == null || query.status() == run.status())
                && (query.backendProfile() == null
                        || query.backendProfile().equals(run.spec().backendProfile()));
    }

    /** Returns the first items of an index behind the key that are wanted. */
    final <T> List<T> list(
            NavigableSet<IndexKey> index,
            @Nullable IndexKey after,
            Function<String, T> find,
            Predicate<T> wanted,
            int limit) {
        List<T> items = new ArrayList<>(Math.min(limit, 16));
        for (IndexKey key : after == null ? index : index.tailSet(after, false)) {
            if (items.size() == limit) {
                break;
            }
            T item = find.apply(key.id());
            if (wanted.test(item)) {
                items.add(item);
            }
        }
        return items;
    }

    @Override
    public List<Run> expiredRuns(TenantScope scope, Set<String> without, int limit) {
        IndexKey now = new IndexKey(0, clock(), IndexKey.LAST_ID);
        return list(
                state.leasedRuns.headSet(now, true),
                null,
                id -> state.entry(id).run(),
                run -> scope.includes(run.owner()) && !without.contains(run.id()),
                limit);
    }

    @Override
    public List<Run> overdueRuns(TenantScope scope, Set<String> without, int limit) {
        IndexKey now = new IndexKey(0, clock(), IndexKey.LAST_ID);
        return list(
                state.limitedRuns.headSet(now, true),
                null,
                id -> state.entry(id).run(),
                run -> scope.includes(run.owner()) && !without.contains(run.id()),
                limit);
    }

    @Override
    public List<Overdue> overdue(int limit) {
        return state.deadlines.overdue(clock(), limit);
    }

    @Override
    public Optional<List<Command>> commands(String runId, long afterSeq, int limit) {
        return Optional.ofNullable(state.runs.get(runId)).map(entry -> numbered(entry.commands, afterSeq, limit));
    }

    /** Returns items that are numbered from 1 without a gap, above a number. */
    private static <T> List<T> numbered(List<T> items, long after, int limit) {
        int from = (int) Math.min(after, items.size());
        return List.copyOf(items.subList(from, from + Math.min(items.size() - from, limit)));
    }

    @Override
    public Optional<Deliverable> deliverable(String runId, int limit) {
        return Optional.ofNullable(state.runs.get(runId))
                .map(entry -> new Deliverable(entry.head(), entry.deliverable(limit)));
    }

    @Override
    public Optional<EventSlice> events(String runId, long afterSeq, int limit, Visibility visibility) {
        return Optional.ofNullable(state.runs.get(runId)).map(entry -> {
            List<RunEvent> items = switch (visibility) {
                case ALL -> numbered(entry.events, afterSeq, limit);
                case OUTPUT -> output(entry.events, afterSeq, limit);
            };
            return new EventSlice(items, entry.run().isTerminal(), entry.events.size());
        });
    }

    private static List<RunEvent> output(List<RunEvent> events, long afterSeq, int limit) {
        return events.subList((int) Math.min(afterSeq, events.size()), events.size()).stream()
                .filter(event -> event.type().output())
                .limit(limit)
                .toList();
    }

    @Override
    public List<SessionSummary> sessions(SessionQuery query, List<String> after, int limit) {
        return list(
                state.sessionsByActivity,
                after.isEmpty() ? null : new IndexKey(0, Cursors.instant(after.get(0)), after.get(1)),
                id -> summary(id, query.readerId()).orElseThrow(),
                summary -> matches(query, summary),
                limit);
    }

    private static boolean matches(SessionQuery query, SessionSummary summary) {
        Session session = summary.session();
        return query.scope().includes(session.owner())
                && (query.backendProfile() == null || query.backendProfile().equals(session.backendProfile()))
                && SessionRules.shows(query.filter(), session, summary.readVersion());
    }

    @Override
    public List<QueueTask> tasks(QueueQuery query, List<String> after, int limit) {
        return list(
                state.tasksInOrder,
                after.isEmpty()
                        ? null
                        : new IndexKey(priority(after.get(0)), Cursors.instant(after.get(1)), after.get(2)),
                this::task,
                task -> matches(query, task),
                limit);
    }

    private static int priority(String key) {
        long number = Cursors.number(key);
        if (number != (int) number) {
            throw new InvalidInputException("cursor", "must be one that this store gave out, unchanged");
        }
        return (int) number;
    }

    final QueueTask task(String taskId) {
        return state.task(taskId);
    }

    private static boolean matches(QueueQuery query, QueueTask task) {
        return query.scope().includes(task.owner())
                && (query.queue() == null || query.queue().equals(task.place().queue()))
                && (query.lane() == null || query.lane().equals(task.place().lane()))
                && (query.state() == null || query.state() == task.state());
    }

    @Override
    public FeedSlice<Session> sessionChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(
                state.sessionsByVersion,
                state.lastSessionVersion,
                PageBytes.SESSIONS,
                session -> scope.includes(session.owner()),
                position,
                limit);
    }

    @Override
    public FeedSlice<QueueTask> taskChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(
                state.tasksByVersion,
                state.lastTaskVersion,
                PageBytes.TASKS,
                task -> scope.includes(task.owner()),
                position,
                limit);
    }

    /**
     * Reads a page of a feed; a version is visible only when all before it are, so that it is the position. One that was never
     * given is from a later state than this one, which an older copy of the file has replaced: the feed begins anew.
     */
    private static <T> FeedSlice<T> changes(
            NavigableMap<Long, T> byVersion,
            long last,
            PageBytes<T> bytes,
            Predicate<T> wanted,
            @Nullable String position,
            int limit) {
        long asked = position == null ? 0 : Cursors.number(position);
        boolean restarted = asked > last;
        long seen = restarted ? 0 : asked;
        List<T> items = new ArrayList<>();
        List<Long> versions = new ArrayList<>();
        boolean more = false;
        for (var change : byVersion.tailMap(seen, false).entrySet()) {
            if (wanted.test(change.getValue())) {
                if (items.size() == limit) {
                    more = true;
                    break;
                }
                items.add(change.getValue());
                versions.add(change.getKey());
            }
            seen = change.getKey();
        }
        int fitting = bytes.fitting(items);
        return fitting < items.size()
                ? new FeedSlice<>(items.subList(0, fitting), Cursors.key(versions.get(fitting - 1)), true, restarted)
                : new FeedSlice<>(items, Cursors.key(seen), more, restarted);
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        TaskCounts counts = new TaskCounts(scope, clock());
        state.tasks.values().forEach(task -> counts.add(task, isWaiting(task)));
        return counts.stats();
    }

    private boolean isWaiting(QueueTask task) {
        RunEntry entry = state.runs.get(LimitRules.countedRun(task));
        return entry != null && entry.run().status() == RunStatus.WAITING;
    }

    @Override
    public TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit) {
        return takes.candidates(filter, passed, limit);
    }

    @Override
    public List<Limit> limits(List<String> after, int limit) {
        return state.limits
                .inOrder()
                .filter(each -> after.isEmpty() || LimitSets.isAfter(each, after))
                .limit(limit)
                .toList();
    }

    @Override
    public List<Limit> limits(Collection<LimitKey> keys) {
        return state.limits.of(keys);
    }

    @Override
    public List<LimitSlot> slots(Collection<LimitKey> values) {
        return state.limits.slots(values);
    }

    @Override
    public Optional<Schedule> findSchedule(ScheduleKey key) {
        return state.schedules.find(key);
    }

    @Override
    public List<Schedule> schedules(TenantScope scope, List<String> after, int limit) {
        return state.schedules.list(scope, after, limit);
    }

    @Override
    public DueSchedules dueSchedules(TenantScope scope, int limit) {
        return state.schedules.due(scope, clock(), limit);
    }

    @Override
    public List<RunnerJob> jobs(String runId, @Nullable String commandId) {
        RunEntry entry = state.runs.get(runId);
        if (entry == null) {
            return List.of();
        }
        return commandId == null
                ? List.copyOf(entry.jobs)
                : entry.jobs.stream()
                        .filter(job -> job.commandId().equals(commandId))
                        .toList();
    }

    @Override
    public List<Backend> backends() {
        return List.copyOf(state.backends.values());
    }
}
