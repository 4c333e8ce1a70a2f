package io.agentrun.h2;

import static io.agentrun.h2.Conditions.*;
import static io.agentrun.h2.Table.*;
import static java.util.stream.Collectors.*;

import io.agentrun.backend.*;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry.*;
import io.agentrun.command.*;
import io.agentrun.event.*;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.limit.*;
import io.agentrun.model.*;
import io.agentrun.question.Question;
import io.agentrun.queue.*;
import io.agentrun.rules.*;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.*;
import io.agentrun.runner.*;
import io.agentrun.session.*;
import io.agentrun.storage.StorageClaimRequest;
import java.sql.ResultSet;
import java.time.*;
import java.util.*;
import java.util.function.Function;
import java.util.stream.*;
import org.jspecify.annotations.Nullable;

/**
 * The queries and writes of the port in one transaction; its time was read after the lock of all writers, under which the lock
 * of a record only reads it. Not thread-safe: one thread at a time.
 */
record H2Tx(Sql sql, Instant now) implements OldRows, ScheduleRows, AskedRows {

    @Override
    public Optional<Run> findRun(String runId) {
        return RUNS.find(sql, "id = ?", runId);
    }

    @Override
    public Optional<RunHead> findHead(String runId) {
        return findRun(runId).map(run -> RunHead.of(run, GUARDS.get(sql, runId).guard()));
    }

    @Override
    public Optional<Run> findRun(Owner owner, String idempotencyKey) {
        return RUNS.find(sql, OWNERS_KEY, owner.tenantId(), owner.projectId(), idempotencyKey);
    }

    @Override
    public Optional<Command> findCommand(String commandId) {
        return COMMANDS.find(sql, "id = ?", commandId);
    }

    @Override
    public Optional<Command> findCommand(String runId, String idempotencyKey) {
        return COMMANDS.find(sql, "run_id = ? AND idempotency_key = ?", runId, idempotencyKey);
    }

    @Override
    public Optional<Session> findSession(String sessionId) {
        return SESSIONS.find(sql, "id = ?", sessionId);
    }

    @Override
    public Optional<QueueTask> findTask(String taskId) {
        return TASKS.find(sql, "id = ?", taskId);
    }

    @Override
    public Optional<QueueTask> findTask(Owner owner, String idempotencyKey) {
        return TASKS.find(sql, OWNERS_KEY, owner.tenantId(), owner.projectId(), idempotencyKey);
    }

    @Override
    public FeedSlice<Question> questionChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(QUESTIONS, PageBytes.QUESTIONS, Question::version, scope, position, limit);
    }

    @Override
    public Optional<Runner> findRunner(String runnerId) {
        return RUNNERS.find(sql, "id = ?", runnerId);
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        return JOBS.find(sql, "run_id = ? AND idempotency_key = ?", runId, idempotencyKey);
    }

    @Override
    public Optional<ReadMark> findMark(MarkKind kind, String subjectId, String readerId) {
        String mark = "subject_id = ? AND reader_id = ? AND kind = ?";
        return MARKS.find(sql, mark, subjectId, readerId, kind.name()).map(OfMark::mark);
    }

    @Override
    public List<Run> runs(RunQuery query, List<String> after, int limit) {
        var runs = RUNS.from(sql).in(query.scope()).is("session_id", query.sessionId());
        runs.is("backend", query.backendProfile()).is("status", query.status());
        runs.after(after, "created_at <= ? AND (created_at < ? OR id < ?)");
        return runs.list("created_at DESC, id DESC", limit);
    }

    @Override
    public Optional<List<Run>> runsOfTask(String taskId, List<String> after, int limit) {
        var runs = RUNS.from(sql).is("task_id", taskId).after(after, "created_at >= ? AND (created_at > ? OR id > ?)");
        return findTask(taskId).map(task -> runs.list("created_at, id", limit));
    }

    @Override
    public List<Run> expiredRuns(TenantScope scope, Set<String> without, int limit) {
        return RUNS.from(sql)
                .candidates(scope, Set.of(), without)
                .and("lease_until <= ?", now)
                .list("lease_until, id", limit);
    }

    @Override
    public List<Run> overdueRuns(TenantScope scope, Set<String> without, int limit) {
        return RUNS.from(sql)
                .candidates(scope, Set.of(), without)
                .and("claim_until <= ?", now)
                .list("claim_until, id", limit);
    }

    @Override
    public Optional<List<Command>> commands(String runId, long afterSeq, int limit) {
        var which = COMMANDS.from(sql).is("run_id", runId).and("seq > ?", afterSeq);
        return findRun(runId).map(run -> which.list("seq", limit));
    }

    @Override
    public Optional<Deliverable> deliverable(String runId, int limit) {
        var which = COMMANDS.from(sql).is("run_id", runId).and("state = 'pending' AND deliverable");
        return findHead(runId).map(run -> new Deliverable(run, which.list("seq", limit)));
    }

    @Override
    public Optional<EventSlice> events(String runId, long afterSeq, int limit, Visibility visibility) {
        var which = EVENTS.from(sql).is("run_id", runId).and("seq > ?", afterSeq);
        which.and(visibility == Visibility.OUTPUT ? OUTPUT : "TRUE");
        return findRun(runId)
                .map(run -> new EventSlice(which.list("seq", limit), run.isTerminal(), lastSeq(EVENTS, runId)));
    }

    @Override
    public List<SessionSummary> sessions(SessionQuery query, List<String> after, int limit) {
        var sessions = SESSIONS.from(sql).in(query.scope()).is("backend", query.backendProfile());
        // The conditions of SessionRules.shows.
        switch (query.filter()) {
            case ALL -> {}
            case DEFAULT -> sessions.and("(state <> 'terminal' OR " + UNREAD + ")", query.readerId());
            case UNREAD -> sessions.and(UNREAD, query.readerId());
            case IDLE, RUNNING, TERMINAL -> sessions.is("state", query.filter());
        }
        sessions.after(after, "updated_at <= ? AND (updated_at < ? OR STRINGTOUTF8(id) > STRINGTOUTF8(?))");
        var ids = sessions.ids("updated_at DESC, STRINGTOUTF8(id)", limit).stream();
        return ids.flatMap(id -> summary(id, query.readerId()).stream()).toList();
    }

    @Override
    public List<QueueTask> tasks(QueueQuery query, List<String> after, int limit) {
        var tasks = TASKS.from(sql).in(query.scope()).is("queue", query.queue()).is("lane", query.lane());
        tasks.is("state", query.state());
        if (!after.isEmpty()) {
            long priority = Cursors.number(after.get(0));
            String further = "priority <= ? AND (priority < ? OR (created_at, id) > (?, ?))";
            tasks.and(further, priority, priority, Cursors.instant(after.get(1)), after.get(2));
        }
        return tasks.list(QUEUE_ORDER, limit);
    }

    @Override
    public FeedSlice<Session> sessionChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(SESSIONS, PageBytes.SESSIONS, Session::version, scope, position, limit);
    }

    @Override
    public FeedSlice<QueueTask> taskChanges(TenantScope scope, @Nullable String position, int limit) {
        return changes(TASKS, PageBytes.TASKS, QueueTask::version, scope, position, limit);
    }

    /**
     * Reads a feed by version. Versions are given under the lock of all writers, and become visible in their order. A position
     * beyond them all is from a later state of the file: the feed begins anew.
     */
    private <T> FeedSlice<T> changes(
            Table<T> table,
            PageBytes<T> bytes,
            Function<T, Long> version,
            TenantScope scope,
            @Nullable String position,
            int limit) {
        long asked = position == null ? 0 : Cursors.number(position);
        boolean restarted = asked > last(table);
        long after = restarted ? 0 : asked;
        List<T> found = table.from(sql).in(scope).and("version > ?", after).list("version", limit + 1);
        List<T> most = found.subList(0, Math.min(limit, found.size()));
        List<T> items = most.subList(0, bytes.fitting(most));
        long last = items.isEmpty() ? after : version.apply(items.get(items.size() - 1));
        return new FeedSlice<>(items, Cursors.key(last), found.size() > items.size(), restarted);
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        record Count(String lane, TaskState state, long tasks) {}
        var tasks = TASKS.from(sql).in(scope.scope()).is("queue", scope.queue());
        Sql.Step<ResultSet, Count> count =
                row -> new Count(row.getString(1), TaskState.fromWire("state", row.getString(2)), row.getLong(3));
        List<Count> counts = tasks.select("lane, state, COUNT(*)", count, " GROUP BY lane, state");
        Collector<Count, ?, Map<TaskState, Long>> byState = groupingBy(Count::state, summingLong(Count::tasks));
        var byLane = counts.stream().collect(groupingBy(Count::lane, byState));
        String waits = "EXISTS (SELECT 1 FROM runs r WHERE r.task_id = tasks.id AND r.status = 'waiting')";
        var waiting =
                TASKS.from(sql).in(scope.scope()).is("queue", scope.queue()).and(waits);
        var oldest = tasks.and("state = 'pending'").first("created_at").map(QueueTask::createdAt);
        long due = tasks.and(DUE, now).number("COUNT(*)", "");
        long parked = waiting.number("COUNT(*)", "");
        var states = counts.stream().collect(byState);
        return new QueueStats(scope, states, byLane, due, parked, oldest.orElse(null), now);
    }

    @Override
    public List<RunnerJob> jobs(String runId, @Nullable String commandId) {
        return JOBS.from(sql).is("run_id", runId).is("command_id", commandId).list("saved", Integer.MAX_VALUE);
    }

    @Override
    public List<Backend> backends() {
        return BACKENDS.from(sql).list("STRINGTOUTF8(id)", Integer.MAX_VALUE);
    }

    @Override
    public Locked<Session> lockSession(String sessionId, LockMode mode) {
        return Locked.of(findSession(sessionId));
    }

    @Override
    public Locked<StoredRun> lockRun(String runId, LockMode mode) {
        return Locked.of(findRun(runId).map(run -> {
            RunGuard guard = GUARDS.get(sql, runId).guard();
            return new StoredRun(run, guard, lastSeq(EVENTS, runId), lastSeq(COMMANDS, runId));
        }));
    }

    /** Returns the number of the run's last event or command, 0 for none. */
    private long lastSeq(Table<?> numbered, String runId) {
        // Unlike MAX, this reads one entry of the index.
        return numbered.from(sql).is("run_id", runId).number("seq", Query.first("run_id DESC, seq DESC", 1));
    }

    @Override
    public Locked<QueueTask> lockTask(String taskId, LockMode mode) {
        return Locked.of(findTask(taskId));
    }

    @Override
    public List<CommandHead> openCommands(String runId) {
        var open = COMMANDS.from(sql).is("run_id", runId).and("NOT state" + ENDED);
        return open.list("seq", Integer.MAX_VALUE).stream().map(CommandHead::of).toList();
    }

    @Override
    public Optional<CommandHead> nextTurn(
            String sessionId, @Nullable String exceptRun, @Nullable String exceptCommand) {
        var turns = COMMANDS.from(sql).and("type = 'turn' AND NOT state" + ENDED);
        turns.and("run_id IN (SELECT id FROM runs WHERE session_id = ?)", sessionId);
        turns.and("run_id IS DISTINCT FROM ? AND id IS DISTINCT FROM ?", exceptRun, exceptCommand);
        return turns.first("ordinal").map(CommandHead::of);
    }

    @Override
    public List<String> pendingRuns(ClaimRequest request, Collection<String> passed, int limit) {
        var pending = RUNS.from(sql).candidates(request.scope(), request.backendProfiles(), passed);
        pending.and("status = 'pending'").is("provider", request.providerId());
        return pending.ids("status, created_at, id", limit);
    }

    @Override
    public List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit) {
        var due = TASKS.from(sql).candidates(request.scope(), request.backendProfiles(), passed);
        due.is("queue", request.queue()).is("lane", request.lane());
        due.and(DUE, now).and(IN_TIME, now, now).and(NO_OPEN_TURN);
        boolean limited = !limits(List.of(), 1).isEmpty();
        List<DueTask> found = due.select(
                "id, session_id, EXISTS (SELECT 1 FROM sessions s WHERE s.id = tasks.session_id)",
                row -> new DueTask(row.getString(1), row.getString(2), row.getBoolean(3), limited),
                Query.first(QUEUE_ORDER, limited ? Integer.MAX_VALUE : limit));
        var free = found.stream().filter(task -> LimitSets.full(this, TASKS.get(sql, task.taskId()), now) == null);
        return limited ? free.limit(limit).toList() : found;
    }

    @Override
    public List<Limit> limits(List<String> after, int limit) {
        return H2Limits.list(sql, after, limit);
    }

    @Override
    public List<LimitSlot> slots(Collection<LimitKey> values) {
        var ids = values.stream().map(LimitSets::text);
        return H2Limits.slots(sql, "id", ids.toArray(String[]::new)).toList();
    }

    @Override
    public void lockLimits() {}

    @Override
    public TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit) {
        var runs = RUNS.from(sql).candidates(filter.scope(), filter.backendProfiles(), passed);
        runs.and("status = 'pending' AND task_id IS NOT NULL").and(NOT_ONLY_WAITING);
        runs.is(TASK_OF_RUN.formatted("queue"), filter.queue()).is(TASK_OF_RUN.formatted("lane"), filter.lane());
        String order = TASK_OF_RUN.formatted("priority") + " DESC, created_at, id";
        boolean limited = !limits(List.of(), 1).isEmpty();
        var ids = runs.ids(order, limited ? Integer.MAX_VALUE : limit).stream();
        var free = ids.filter(id -> !limited || LimitSets.full(this, RunHead.of(RUNS.get(sql, id)), now) == null);
        return new TakeCandidates(free.limit(limit).toList(), dueTasks(filter, passed, limit));
    }

    @Override
    public List<Run> endedRuns(TenantScope scope, Duration olderThan, List<String> after, int limit) {
        var ended = RUNS.from(sql).in(scope).and("status" + ENDED + " AND updated_at <= ?", now.minus(olderThan));
        return ended.after(after, "updated_at >= ? AND (updated_at > ? OR id > ?)")
                .list("updated_at, id", limit);
    }

    @Override
    public List<String> collectableSessions(StorageClaimRequest request, Collection<String> passed, int limit) {
        var sessions = SESSIONS.from(sql).candidates(request.scope(), Set.of(), passed);
        return sessions.and(COLLECTABLE, now, now, request.collectorId()).ids("updated_at, STRINGTOUTF8(id)", limit);
    }

    @Override
    public Optional<CollectorLease> collector(String sessionId) {
        return COLLECTORS.find(sql, "session_id = ?", sessionId);
    }

    @Override
    public Written write(Change change, IdSource ids) {
        change.created().runs().forEach(run -> save(run, change.created().guard(run.id())));
        change.replaced().runs().forEach(head -> save(head.applyTo(RUNS.get(sql, head.id())), head.guard()));
        change.created().commands().forEach(command -> COMMANDS.save(sql, command));
        change.replaced().commands().forEach(head -> COMMANDS.save(sql, head.applyTo(COMMANDS.get(sql, head.id()))));
        var sessions = change.sessions()
                .map(session -> SESSIONS.save(
                        sql, session.toBuilder().version(next(SESSIONS)).build()));
        var tasks = change.tasks()
                .map(task ->
                        TASKS.save(sql, task.toBuilder().version(next(TASKS)).build()));
        var questions = change.questions().all().map(asked -> QUESTIONS.save(sql, asked.withVersion(next(QUESTIONS))));
        var events = change.events().stream().map(event -> {
            long seq = lastSeq(EVENTS, event.runId()) + 1;
            return EVENTS.save(sql, event.stored(ids.next(IdSource.EVENT), seq, now));
        });
        H2Limits.write(sql, change.slots());
        return new Written(sessions.toList(), tasks.toList(), events.toList(), questions.toList());
    }

    private long next(Table<?> table) {
        return last(table) + 1;
    }

    /** Returns the last version of a record of the table, also of one that was deleted. */
    private long last(Table<?> table) {
        return Math.max(table.from(sql).number("MAX(version)", ""), lastDeleted(table));
    }

    private void save(Run run, RunGuard guard) {
        RUNS.save(sql, run);
        GUARDS.save(sql, new OfGuard(run.id(), guard));
    }

    @Override
    public void put(Entry entry) {
        if (entry instanceof OfRunner of) {
            RUNNERS.save(sql, of.runner());
        } else if (entry instanceof OfJob of) {
            JOBS.save(sql, of.job());
        } else if (entry instanceof OfBackend of) {
            BACKENDS.save(sql, of.backend());
        } else if (entry instanceof OfMark of) {
            MARKS.save(sql, of);
        } else if (entry instanceof OfCollector of) {
            COLLECTORS.save(sql, of.lease());
        } else if (entry instanceof Entry.OfLimit of) {
            H2Limits.put(sql, of);
        } else {
            putSchedule(entry);
        }
    }

    @Override
    public void deleteRun(String runId) {
        sql.update("DELETE FROM runs WHERE id = ?", runId);
    }
}
