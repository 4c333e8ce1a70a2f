package io.agentrun.postgres;

import io.agentrun.backend.Entry;
import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.Locked;
import io.agentrun.backend.OldRecord;
import io.agentrun.backend.ReadSets.CommandEnd;
import io.agentrun.backend.ReadSets.DueSet;
import io.agentrun.backend.ReadSets.Lane;
import io.agentrun.backend.ReadSets.NewRunSet;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.ReadSets.SessionUse;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.SharedRun;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.TakeSets.TakeSet;
import io.agentrun.backend.Written;
import io.agentrun.command.NewCommand;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.limit.Limit;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.LostRace;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.Candidates;
import io.agentrun.postgres.internal.query.Crowd;
import io.agentrun.postgres.internal.query.DueQueries;
import io.agentrun.postgres.internal.query.OldRecords;
import io.agentrun.postgres.internal.query.OldSets;
import io.agentrun.postgres.internal.register.BackendTable;
import io.agentrun.postgres.internal.register.CollectorTable;
import io.agentrun.postgres.internal.register.RunnerJobTable;
import io.agentrun.postgres.internal.register.RunnerTable;
import io.agentrun.postgres.internal.register.ScheduleTable;
import io.agentrun.postgres.internal.register.SessionMarkTable;
import io.agentrun.postgres.internal.register.TaskMarkTable;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.LimitTable;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.question.Question;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * One transaction. Its time is read in the script that takes its last locks.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class PostgresTx extends PostgresReads implements StoreTx {

    private final Tx tx;
    private final Crowd crowd;
    private final boolean mayMove;
    private final LockedRows locked = new LockedRows();
    private final StepClock clock;
    private final LockingReads reads;
    private final LockingTakes takes;
    private final LockingShared shared;
    private final LockingLimits limits;

    /**
     * @param crowd when held tasks are very many
     * @param mayMove whether a dispatch that finds very many delayed or held tasks ends, so that they are moved first
     */
    PostgresTx(Tx tx, OwnerGuard guard, Crowd crowd, boolean mayMove) {
        super(tx, guard, crowd);
        this.tx = tx;
        this.crowd = crowd;
        this.mayMove = mayMove;
        this.clock = new StepClock(tx);
        this.limits = new LockingLimits(tx, clock);
        this.reads = new LockingReads(tx, clock, locked, guard, limits);
        this.takes = new LockingTakes(tx, clock, locked, limits);
        this.shared = new LockingShared(tx, clock, locked);
    }

    @Override
    public Instant now() {
        return clock.now();
    }

    @Override
    public Locked<Session> lockSession(String sessionId, LockMode mode) {
        Script script = new Script().bind("session_id", sessionId);
        return switch (mode) {
            case WAIT, BRIEF -> lock(script, mode, Rank.SESSION, sessionId, SessionTable.LOCK, locked::session);
            case SKIP ->
                lockFree(script, Rank.SESSION, sessionId, SessionTable.LOCK_FREE, SessionTable.EXISTS, locked::session);
        };
    }

    @Override
    public Locked<Schedule> lockSchedule(ScheduleKey key) {
        Script script = ScheduleTable.bind(new Script(), key);
        return lock(script, LockMode.WAIT, Rank.SCHEDULE, key.name(), ScheduleTable.LOCK, ScheduleTable::schedule);
    }

    @Override
    public Locked<StoredRun> lockRun(String runId, LockMode mode) {
        Script script = new Script().bind("run_id", runId);
        Locked<RunRow> row = switch (mode) {
            case WAIT, BRIEF -> lock(script, mode, Rank.RUN, runId, RunTable.LOCK, RunColumns::row);
            case SKIP -> lockFree(script, Rank.RUN, runId, RunTable.LOCK_FREE, RunTable.EXISTS, RunColumns::row);
        };
        RunRow found = row.orNull();
        if (found == null) {
            return row instanceof Locked.Held ? new Locked.Held<>() : new Locked.Missing<>();
        }
        locked.add(found);
        return new Locked.Found<>(new StoredRun(found.run(), found.guard(), found.eventSeq(), found.commandSeq()));
    }

    @Override
    public Locked<QueueTask> lockTask(String taskId, LockMode mode) {
        Script script = new Script().bind("task_id", taskId);
        return switch (mode) {
            case WAIT, BRIEF -> lock(script, mode, Rank.TASK, taskId, TaskTable.LOCK, TaskTable::task);
            case SKIP -> lockFree(script, Rank.TASK, taskId, TaskTable.LOCK_FREE, TaskTable.EXISTS, TaskTable::task);
        };
    }

    private <T> Locked<T> lock(Script script, LockMode mode, Rank rank, String id, String sql, RowMapper<T> mapper) {
        if (mode == LockMode.BRIEF && tx.isOwn()) {
            script.run(Tx.BRIEFLY);
        }
        Script.Rows<T> row = script.lock(tx, rank, id, sql, mapper);
        clock.execute(script);
        return Locked.of(row.firstOrNull());
    }

    private <T> Locked<T> lockFree(
            Script script, Rank rank, String id, String sql, String exists, RowMapper<T> mapper) {
        Script.Rows<T> row = script.lockFree(tx, rank, id, sql, mapper);
        Script.Rows<Boolean> known = script.exists(exists);
        clock.execute(script);
        T found = row.firstOrNull();
        return found == null && known.first().isPresent() ? new Locked.Held<>() : Locked.of(found);
    }

    @Override
    public List<CommandHead> openCommands(String runId) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<CommandHead> open = script.query(CommandTable.OPEN, CommandTable::head);
        tx.execute(script);
        return open.all();
    }

    @Override
    public List<Question> openQuestions(String runId) {
        return reads.questions(runId);
    }

    @Override
    public Optional<CommandHead> nextTurn(
            String sessionId, @Nullable String exceptRun, @Nullable String exceptCommand) {
        Script script = new Script()
                .bind("session_id", sessionId)
                .bind("except_run", exceptRun)
                .bind("except_command", exceptCommand);
        Script.Rows<CommandHead> next = script.query(CommandTable.NEXT, CommandTable::head);
        tx.execute(script);
        return next.first();
    }

    @Override
    public boolean inUse(String sessionId) {
        Script script = new Script().bind("session_id", sessionId);
        Script.Rows<Boolean> inUse = script.query(RunTable.IN_USE, RunTable::inUse);
        tx.execute(script);
        return inUse.first().orElseThrow();
    }

    @Override
    public List<String> pendingRuns(ClaimRequest request, Collection<String> passed, int limit) {
        Script script = new Script();
        Script.Rows<String> runs = Candidates.pendingRuns(script, request, passed, limit);
        tx.execute(script);
        return runs.all();
    }

    @Override
    public List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit) {
        return dueTasks(request, find(request, passed, limit, script -> {}));
    }

    @Override
    void run(Script script) {
        tx.execute(script);
    }

    private List<DueTask> dueTasks(DispatchRequest request, DueQueries.Found found) {
        if (mayMove && found.manyDelayed()) {
            throw new Crowded(moving -> moving.execute(DueQueries.endDelays(new Script())));
        }
        if (mayMove && crowd.isDueAfter(found.slow())) {
            throw new Crowded(moving -> {
                Script script = new Script();
                Script.Rows<String> held = DueQueries.hold(script, request, crowd.size(), crowd.groupSize());
                moving.execute(script);
                crowd.moved(held.all().size());
            });
        }
        return found.tasks();
    }

    @Override
    public List<Run> endedRuns(TenantScope scope, Duration olderThan, List<String> after, int limit) {
        return list(limit, (script, size) -> Candidates.endedRuns(script, scope, olderThan, after, size));
    }

    @Override
    public List<String> collectableSessions(StorageClaimRequest request, Collection<String> passed, int limit) {
        Script script = new Script();
        Script.Rows<String> sessions = Candidates.collectableSessions(script, request, passed, limit);
        tx.execute(script);
        return sessions.all();
    }

    @Override
    public List<OldRecord> oldRecords(OldRecord.Kind kind, TenantScope scope, List<String> after, int limit) {
        Script script = new Script();
        Script.Rows<OldRecord> old = OldRecords.find(script, kind, scope, after, limit);
        tx.execute(script);
        return old.all();
    }

    @Override
    public void delete(OldRecord.Kind kind, String id) {
        tx.execute(OldRecords.delete(new Script(), kind, id));
    }

    @Override
    public List<String> deleteUnchanged(OldRecord.Kind kind, List<OldRecord> found) {
        return switch (kind) {
            case TASK -> OldSets.deleteTasks(tx, found);
            case SESSION -> OldSets.deleteSessions(tx, found);
        };
    }

    @Override
    public List<String> runsOfSession(String sessionId, int limit) {
        Script script = new Script().bind("session_id", sessionId).bind("limit", limit);
        Script.Rows<String> ids = OldSets.runsOfSession(script);
        tx.execute(script);
        return ids.all();
    }

    @Override
    public Optional<QueueTask> findReplaceable(Owner owner, String replaceKey) {
        Script script = new Script()
                .bind("tenant_id", owner.tenantId())
                .bind("project_id", owner.projectId())
                .bind("replace_key", replaceKey);
        Script.Rows<QueueTask> task = script.query(TaskTable.REPLACEABLE, TaskTable::task);
        tx.execute(script);
        return task.first();
    }

    @Override
    public Optional<CollectorLease> collector(String sessionId) {
        Script script = new Script().bind("session_id", sessionId);
        Script.Rows<CollectorLease> lease = script.query(CollectorTable.GET, CollectorTable::lease);
        tx.execute(script);
        return lease.first();
    }

    @Override
    public void lockLimits() {
        limits.lockAll();
    }

    @Override
    public Map<String, Grant> lockSlots(List<QueueTask> tasks) {
        return limits.grants(tasks);
    }

    @Override
    public boolean occupy(Limit limit) {
        limits.occupy(limit);
        return true;
    }

    @Override
    public Written write(Change change, IdSource ids) {
        return change.isEmpty() ? Written.NOTHING : new ChangeWriter(tx, locked, now(), ids, change).write();
    }

    @Override
    public void put(Entry entry) {
        Script script = new Script();
        if (entry instanceof Entry.OfRunner of) {
            putOrLose(RunnerTable.bind(script, of.runner()), RunnerTable.PUT);
        } else if (entry instanceof Entry.OfJob of) {
            tx.execute(RunnerJobTable.bind(script, of.job()).run(RunnerJobTable.PUT));
        } else if (entry instanceof Entry.OfBackend of) {
            tx.execute(BackendTable.bind(script, of.backend()).run(BackendTable.PUT));
        } else if (entry instanceof Entry.OfCollector of) {
            tx.execute(CollectorTable.bind(script, of.lease()).run(CollectorTable.PUT));
        } else if (entry instanceof Entry.OfLimit of) {
            LimitTable.put(script, of.key(), of.kind(), of.limit());
            tx.execute(script);
            tx.signal(Signal.tasks().name());
        } else if (entry instanceof Entry.OfSchedule of) {
            putOrLose(
                    ScheduleTable.bind(script, of.schedule()),
                    of.isNew() ? ScheduleTable.INSERT : ScheduleTable.UPDATE);
        } else if (entry instanceof Entry.NoSchedule of) {
            tx.execute(ScheduleTable.bind(script, of.key()).run(ScheduleTable.DELETE));
        } else if (entry instanceof Entry.OfMark of) {
            put(script, of.kind(), of.mark());
        }
    }

    private void put(Script script, Entry.MarkKind kind, ReadMark mark) {
        script.bind("subject_id", mark.subjectId())
                .bind("reader_id", mark.readerId())
                .bind("version", mark.version())
                .bind("read_at", mark.readAt());
        putOrLose(
                script,
                switch (kind) {
                    case SESSION -> SessionMarkTable.PUT;
                    case TASK -> TaskMarkTable.PUT;
                });
    }

    /** Executes a statement that returns no row if another transaction has written the record meanwhile. */
    private void putOrLose(Script script, String sql) {
        Script.Rows<Boolean> written = script.exists(sql);
        tx.execute(script);
        if (written.all().isEmpty()) {
            throw new LostRace();
        }
    }

    @Override
    public void deleteRun(String runId) {
        tx.execute(
                new Script().bind("run_id", runId).run(RunTable.DELETE_EVENTS).run(RunTable.DELETE));
    }

    @Override
    public Locked<RunEnd> lockRunEnd(String runId) {
        return reads.runEnd(runId);
    }

    @Override
    public Locked<CommandEnd> lockCommandEnd(String commandId) {
        return reads.commandEnd(commandId);
    }

    @Override
    public Locked<Lane> lockLane(String runId, NewCommand input) {
        return reads.lane(runId, input);
    }

    @Override
    public NewRunSet lockNewRun(NewRun input) {
        return reads.newRun(input);
    }

    @Override
    public Locked<SessionUse> lockSessionUse(String sessionId) {
        return reads.sessionUse(sessionId);
    }

    @Override
    public List<Locked<SharedRun>> lockRuns(List<RunKey> runs) {
        return shared.runs(runs);
    }

    @Override
    public List<Locked<NewRunSet>> lockNewRuns(List<NewRun> runs) {
        return shared.newRuns(runs);
    }

    @Override
    public Locked<TurnEnd> lockTurnEnd(String runId, String commandId) {
        return reads.turnEnd(runId, commandId);
    }

    @Override
    public TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit) {
        Both found = both(filter, passed, limit);
        return new TakeCandidates(found.runs().all(), dueTasks(filter, found.due()));
    }

    @Override
    public TakeSet lockTake(TakeCandidates candidates, int most) {
        return takes.take(candidates, most);
    }

    @Override
    public DueSet lockDue(List<DueTask> candidates) {
        return reads.due(candidates);
    }

    /**
     * Each dispatch would look at very many delayed tasks that have come due at once, or pass over very many that something holds: the
     * step ends, and is repeated when some of them were moved out of its way.
     *
     * <p>Immutable.
     */
    static final class Crowded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Consumer<Tx> move;

        /** Makes one without the cost of a stack trace: it never leaves the backend. */
        Crowded(Consumer<Tx> move) {
            super("many tasks are in the way of a dispatch", null, false, false);
            this.move = move;
        }

        Consumer<Tx> move() {
            return move;
        }
    }
}
