package io.agentrun.memory;

import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry;
import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.Locked;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.Written;
import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.StorageRules;
import io.agentrun.rules.TaskRules;
import io.agentrun.run.Run;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One step over the state. Steps run one at a time, so that nothing is ever held by another one. A rule decides before anything
 * is written, so that a step that throws has written nothing.
 */
final class MemoryTx extends MemoryReads implements StoreTx {

    private final List<Write> writes = new ArrayList<>(4);
    private @Nullable Instant now;

    MemoryTx(MemoryState state, Clock clock) {
        super(state, clock);
    }

    /** Returns what this step has written, in order. */
    List<Write> writes() {
        return writes;
    }

    @Override
    public Instant now() {
        Instant time = now;
        if (time == null) {
            time = clock();
            now = time;
        }
        return time;
    }

    private void requireBeforeNow() {
        if (now != null) {
            throw new IllegalStateException("a lock is taken after the time was read");
        }
    }

    @Override
    public Locked<Schedule> lockSchedule(ScheduleKey key) {
        requireBeforeNow();
        return Locked.of(state.schedules.find(key).orElse(null));
    }

    @Override
    public Locked<Session> lockSession(String sessionId, LockMode mode) {
        requireBeforeNow();
        return Locked.of(state.sessions.get(sessionId));
    }

    @Override
    public Locked<StoredRun> lockRun(String runId, LockMode mode) {
        requireBeforeNow();
        RunEntry entry = state.runs.get(runId);
        return Locked.of(
                entry == null
                        ? null
                        : new StoredRun(entry.run(), entry.guard(), entry.events.size(), entry.commands.size()));
    }

    @Override
    public Locked<QueueTask> lockTask(String taskId, LockMode mode) {
        requireBeforeNow();
        return Locked.of(state.tasks.get(taskId));
    }

    @Override
    public List<CommandHead> openCommands(String runId) {
        return state.entry(runId).openCommands();
    }

    @Override
    public Optional<CommandHead> nextTurn(
            String sessionId, @Nullable String exceptRun, @Nullable String exceptCommand) {
        TreeMap<Long, String> open = state.openTurnsOfSession.get(sessionId);
        if (open != null) {
            for (String id : open.values()) {
                Command turn = command(id);
                if (!turn.id().equals(exceptCommand) && !turn.runId().equals(exceptRun)) {
                    return Optional.of(CommandHead.of(turn));
                }
            }
        }
        return Optional.empty();
    }

    private Command command(String commandId) {
        return findCommand(commandId).orElseThrow(() -> new IllegalStateException("a step names an unknown command"));
    }

    @Override
    public boolean inUse(String sessionId) {
        return state.openRunsOfSession.containsKey(sessionId);
    }

    @Override
    public List<String> pendingRuns(ClaimRequest request, Collection<String> passed, int limit) {
        return list(
                state.pendingRuns,
                null,
                id -> id,
                id -> !passed.contains(id) && request.accepts(state.entry(id).run()),
                limit);
    }

    @Override
    public List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit) {
        return takes.dueTasks(request, passed, limit);
    }

    @Override
    public List<Run> endedRuns(TenantScope scope, Duration olderThan, List<String> after, int limit) {
        IndexKey until = new IndexKey(0, clock().minus(olderThan), IndexKey.LAST_ID);
        return list(
                state.endedRuns.headSet(until, true),
                after.isEmpty() ? null : new IndexKey(0, Cursors.instant(after.get(0)), after.get(1)),
                id -> state.entry(id).run(),
                run -> scope.includes(run.owner()),
                limit);
    }

    @Override
    public List<String> collectableSessions(StorageClaimRequest request, Collection<String> passed, int limit) {
        Instant time = clock();
        return list(
                state.collectable,
                null,
                id -> id,
                id -> {
                    Session session = state.sessions.get(id);
                    return session != null
                            && !passed.contains(id)
                            && request.scope().includes(session.owner())
                            && StorageRules.collectable(session, inUse(id), time)
                            && collector(id)
                                    .map(held -> held.collectorId().equals(request.collectorId())
                                            || !held.until().isAfter(time))
                                    .orElse(true);
                },
                limit);
    }

    @Override
    public Optional<QueueTask> findReplaceable(Owner owner, String replaceKey) {
        return Optional.ofNullable(state.keyed("replace", MemoryState.scope(owner), replaceKey))
                .map(state::task);
    }

    @Override
    public Optional<CollectorLease> collector(String sessionId) {
        return Optional.ofNullable(state.collectors.get(sessionId));
    }

    /** Steps run one at a time. */
    @Override
    public void lockLimits() {
        requireBeforeNow();
    }

    @Override
    public Written write(Change change, IdSource ids) {
        if (change.isEmpty()) {
            return Written.NOTHING;
        }
        Change.Created created = change.created();
        Change.Replaced replaced = change.replaced();
        List<Session> sessions = new ArrayList<>(0);
        created.sessions().forEach(session -> sessions.add(versioned(session)));
        replaced.sessions().forEach(session -> sessions.add(versioned(session)));
        created.runs().forEach(run -> write(new Write.OfRun(run, created.guard(run.id()))));
        for (RunHead head : replaced.runs()) {
            Run before = state.entry(head.id()).run();
            Run next = head.applyTo(before);
            // A numbered batch of events changes the guard alone.
            write(
                    next.equals(before)
                            ? new Write.OfGuard(head.id(), head.guard())
                            : new Write.OfRun(next, head.guard()));
        }
        created.commands().forEach(command -> write(new Write.OfCommand(command)));
        for (CommandHead head : replaced.commands()) {
            write(new Write.OfCommand(head.applyTo(command(head.id()))));
        }
        List<QueueTask> tasks = new ArrayList<>(0);
        created.tasks().forEach(task -> tasks.add(versioned(task)));
        replaced.tasks().forEach(task -> tasks.add(versioned(task)));
        replaced.renewed().forEach(task -> tasks.add(versioned(task)));
        List<Question> questions = new ArrayList<>(0);
        change.questions().created().forEach(question -> questions.add(versioned(question)));
        change.questions().replaced().forEach(question -> questions.add(versioned(question)));
        List<RunEvent> events = new ArrayList<>(change.events().size());
        for (Emission emission : change.events()) {
            long seq = state.entry(emission.runId()).nextEventSeq();
            RunEvent event = emission.stored(ids.next(IdSource.EVENT), seq, now());
            write(new Write.OfEvent(event));
            events.add(event);
        }
        change.slots().taken().forEach(slot -> write(new Write.OfSlot(slot)));
        for (String runId : change.slots().freedRuns()) {
            state.limits.slotsOf(runId).forEach(slot -> write(new Write.OfSlot(slot.freed())));
        }
        return new Written(sessions, tasks, events, questions);
    }

    private Session versioned(Session session) {
        Session next = session.toBuilder().version(state.lastSessionVersion + 1).build();
        write(new Write.OfSession(next));
        return next;
    }

    private Question versioned(Question question) {
        Question next = question.withVersion(state.questions.lastVersion + 1);
        write(new Write.OfQuestion(next));
        return next;
    }

    private QueueTask versioned(QueueTask task) {
        QueueTask next = task.toBuilder().version(state.lastTaskVersion + 1).build();
        write(new Write.OfTask(next));
        return next;
    }

    @Override
    public void put(Entry entry) {
        write(Write.of(entry));
    }

    @Override
    public void deleteRun(String runId) {
        write(new Write.Purged(runId));
    }

    @Override
    public List<OldRecord> oldRecords(OldRecord.Kind kind, TenantScope scope, List<String> after, int limit) {
        long last = after.isEmpty() ? 0 : Cursors.number(after.get(0));
        return switch (kind) {
            case TASK ->
                state.tasksByVersion.tailMap(last, false).values().stream()
                        .limit(limit)
                        .map(task -> old(task, scope))
                        .toList();
            case SESSION ->
                state.sessionsByVersion.tailMap(last, false).values().stream()
                        .limit(limit)
                        .map(session -> old(session, scope))
                        .toList();
        };
    }

    private OldRecord old(QueueTask task, TenantScope scope) {
        boolean free = scope.includes(task.owner())
                && TaskRules.purgeable(task, state.runsOfTasks.hasAny(task.id()), Instant.MAX);
        return new OldRecord(task.id(), task.updatedAt(), task.version(), !free, List.of(Cursors.key(task.version())));
    }

    private OldRecord old(Session session, TenantScope scope) {
        boolean used = inUse(session.id()) || state.openTasks.hasAny(session.id());
        boolean free = scope.includes(session.owner()) && SessionRules.purgeable(session, used, Instant.MAX);
        return new OldRecord(
                session.id(), session.updatedAt(), session.version(), !free, List.of(Cursors.key(session.version())));
    }

    @Override
    public void delete(OldRecord.Kind kind, String id) {
        write(new Write.Deleted(kind, id));
    }

    private void write(Write write) {
        state.apply(write);
        writes.add(write);
    }
}
