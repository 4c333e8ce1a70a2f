package io.agentrun.backend;

import io.agentrun.QuestionStore;
import io.agentrun.command.NewCommand;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.limit.Limit;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.QuestionRules;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: locks, what is read behind them, the time, and writes.
 *
 * <p>Locks are taken in one order: session, run, command, task, slots of limits; within a rank by id. {@link #now} comes after them: the first
 * call fixes the time of the step, and a lock that is taken after it is a defect. What is read here is seen as the locks have
 * left it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface StoreTx extends StoreReads {

    /** Returns the time of this step, in microseconds: read once, by the database's clock, after the locks. */
    Instant now();

    /** Locks the session; with {@code SKIP} the answer may be {@code Held}. */
    Locked<Session> lockSession(String sessionId, LockMode mode);

    /** Locks what changes of the run; with {@code SKIP} the answer may be {@code Held}. */
    Locked<StoredRun> lockRun(String runId, LockMode mode);

    /** Locks the task; with {@code SKIP} the answer may be {@code Held}. */
    Locked<QueueTask> lockTask(String taskId, LockMode mode);

    /** Returns the run's pending and acknowledged commands, by number; its run or its session is locked. */
    List<CommandHead> openCommands(String runId);

    /**
     * Returns the open turn with the lowest ordinal in the session.
     *
     * @param exceptRun leaves out the turns of this run, if it is not null
     * @param exceptCommand leaves out this turn, if it is not null
     */
    Optional<CommandHead> nextTurn(String sessionId, @Nullable String exceptRun, @Nullable String exceptCommand);

    /** Returns the run's open questions, the first asked first; its run is locked, and so are they. */
    default List<Question> openQuestions(String runId) {
        QuestionQuery open =
                QuestionQuery.in(TenantScope.all()).withRunId(runId).withState(QuestionState.OPEN);
        return questions(open, List.of(), QuestionStore.MAX_OPEN);
    }

    // Candidates: found without a lock, so that the engine locks each, passing over what is held, and asks the rule
    // again.

    /** Returns the ids of pending runs that the request accepts, the oldest first, without those that were passed over. */
    List<String> pendingRuns(ClaimRequest request, Collection<String> passed, int limit);

    /**
     * Returns due tasks that the request accepts, whose session has no open turn and of which no limit is full, in the order of the
     * queue, without those that were passed over.
     */
    List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit);

    /** Returns runs that ended at least so long ago, the longest ended first, then by id; keys: time of the end, id. */
    List<Run> endedRuns(TenantScope scope, Duration olderThan, List<String> after, int limit);

    /**
     * Returns the ids of sessions whose storage the request's collector may have, the longest unchanged first, then by id:
     * evicting, or expired and not in use (P-8), not leased by another collector, and not passed over.
     */
    List<String> collectableSessions(StorageClaimRequest request, Collection<String> passed, int limit);

    /**
     * Returns tasks or sessions in the order of their last change, also those that are to be kept, so that a search reads as many records
     * as it returns.
     *
     * @param after the keys of the last record that was found; none for the first search
     */
    List<OldRecord> oldRecords(OldRecord.Kind kind, TenantScope scope, List<String> after, int limit);

    /** Returns the task of the owner that waits, has never begun, and has the replace key. */
    Optional<QueueTask> findReplaceable(Owner owner, String replaceKey);

    /** Returns the lease of a collector on the session, if one was ever given. */
    Optional<Entry.CollectorLease> collector(String sessionId);

    /**
     * Returns the ids of runs of the session, which is locked, in no particular order. A backend whose {@link #runs} leaves out what cannot be
     * read overrides it: here nothing is left out.
     *
     * @param limit the most ids
     */
    default List<String> runsOfSession(String sessionId, int limit) {
        RunQuery ofSession = RunQuery.in(TenantScope.all()).withSessionId(sessionId);
        List<String> ids = new ArrayList<>();
        List<String> after = List.of();
        while (ids.size() < limit) {
            int asked = limit - ids.size();
            List<Run> page = runs(ofSession, after, asked);
            page.forEach(run -> ids.add(run.id()));
            if (PageBytes.RUNS.areLast(page, asked)) {
                return ids;
            }
            Run last = page.get(page.size() - 1);
            after = List.of(Cursors.key(last.createdAt()), last.id());
        }
        return ids;
    }

    // Limits: the slots are locked last, after the tasks.

    /**
     * Locks all limits and their slots until the end of the step: what takes or gives back slots is over, and waits. Nothing else was
     * locked before.
     */
    void lockLimits();

    /**
     * Locks one free slot of each limit that counts one of the tasks, which are locked, passing over what others have locked.
     *
     * @param tasks in the order in which they get slots
     * @return what each of them gets, by its id
     */
    default Map<String, Grant> lockSlots(List<QueueTask> tasks) {
        return LimitSets.grants(this, tasks);
    }

    /**
     * Writes a slot of the limit, which is one of what runs at once and is written, for each attempt under way that it counts and that has
     * none, as {@code LimitRules.occupied} numbers them; the limits are locked.
     *
     * @return false if the backend leaves it to the engine, which reads all running tasks for it
     */
    default boolean occupy(Limit limit) {
        return false;
    }

    /** Locks the schedule; it comes before all other locks. */
    Locked<Schedule> lockSchedule(ScheduleKey key);

    // Writes.

    /**
     * Writes a change: what is new is inserted, what is replaced is updated, sessions, tasks and questions take the next version, and events
     * are numbered in their run and stamped with {@link #now}. What is replaced was locked by this transaction. A run that gives back
     * slots is locked. It is the last call
     * of a step, so that a backend may commit with it.
     *
     * @return the records as they were written
     */
    Written write(Change change, IdSource ids);

    /** Writes a record that has no transitions. */
    void put(Entry entry);

    /** Deletes the run, which is locked, with its events, commands, jobs and keys. */
    void deleteRun(String runId);

    /** Deletes the task or session, which is locked, with its read marks, its key, and the lease of a collector on it. */
    void delete(OldRecord.Kind kind, String id);

    /**
     * Deletes many old tasks, or sessions with their runs, together: those that are free, can be read, and have the version that the search
     * has seen; a session only if all its runs have ended, are free and can be read. Nothing of it was locked before. The engine tries
     * the others one by one; unless overridden, these are all.
     *
     * @param found records that are not to be kept
     * @return the ids of those that were deleted
     */
    default List<String> deleteUnchanged(OldRecord.Kind kind, List<OldRecord> found) {
        return List.of();
    }

    // Read sets: what a rule must see, locked in the documented order. A backend overrides those that it can read in
    // one round trip.

    /** Locks the run with everything that its end touches: session, open commands, the session's next turn, task. */
    default Locked<ReadSets.RunEnd> lockRunEnd(String runId) {
        return ReadSets.runEnd(this, runId);
    }

    /** Locks the run of the command, and reads everything that the command's end touches. */
    default Locked<ReadSets.CommandEnd> lockCommandEnd(String commandId) {
        return ReadSets.commandEnd(this, commandId);
    }

    /** Locks what a new command of the run enters: the session, the run, and for an interruption the run of the active turn. */
    default Locked<ReadSets.Lane> lockLane(String runId, NewCommand input) {
        return ReadSets.lane(this, runId, input);
    }

    /** Locks the session that is to be created or changed. */
    default Locked<Session> lockUpsert(SessionUpsert input) {
        return lockSession(input.sessionId(), LockMode.WAIT);
    }

    /** Locks the session that a new run names, and reads the run that was created under its key. */
    default ReadSets.NewRunSet lockNewRun(NewRun input) {
        return ReadSets.newRun(this, input);
    }

    /** Locks the session, and reads whether it is in use. */
    default Locked<ReadSets.SessionUse> lockSessionUse(String sessionId) {
        return lockSession(sessionId, LockMode.WAIT) instanceof Locked.Found<Session> found
                ? new Locked.Found<>(new ReadSets.SessionUse(found.value(), inUse(sessionId)))
                : new Locked.Missing<>();
    }

    /** Returns whether a run of the session has not ended. */
    default boolean inUse(String sessionId) {
        RunQuery ofSession = RunQuery.in(TenantScope.all()).withSessionId(sessionId);
        return Stream.of(RunStatus.values())
                .filter(status -> !status.terminal())
                .anyMatch(status ->
                        !runs(ofSession.withStatus(status), List.of(), 1).isEmpty());
    }

    /** Locks one of the candidates, with its session; what is held, or no longer due, is passed over. */
    default ReadSets.DueSet lockDue(List<DueTask> candidates) {
        return ReadSets.due(this, candidates);
    }

    /**
     * Locks the run with everything that its end touches, and reads one of its commands with the next of its open turns.
     *
     * @param commandId any command, also of another run
     */
    default Locked<ReadSets.TurnEnd> lockTurnEnd(String runId, String commandId) {
        return TakeSets.turnEnd(this, runId, commandId);
    }

    /** Locks the run of the question, and reads what the question's end touches. */
    default Locked<QuestionRules.View> lockQuestion(String questionId) {
        return ReadSets.question(this, questionId);
    }

    /**
     * What a step of a run needs. Immutable.
     *
     * @param commandId a command that its caller says is in the run; null for none
     * @param mayEnd whether the run may end, so that its task is touched too
     */
    record RunKey(String runId, @Nullable String commandId, boolean mayEnd) {

        /** Returns whether a turn may end and the run go on with the next one. */
        public boolean endsTurn() {
            return mayEnd && commandId != null;
        }
    }

    /**
     * Locks what is free of many runs, each with everything that a new command, the end of the one that is named or, if it may end, the
     * run's own end touches; in the order in which they are named. For a backend whose callers share transactions; unless overridden, nothing is free.
     */
    default List<Locked<SharedRun>> lockRuns(List<RunKey> runs) {
        return runs.stream().<Locked<SharedRun>>map(run -> new Locked.Held<>()).toList();
    }

    /**
     * Locks the sessions that many new runs name where they are free, in the order of the runs, which have no keys. For a backend whose
     * callers share transactions; unless overridden, nothing is free.
     */
    default List<Locked<ReadSets.NewRunSet>> lockNewRuns(List<NewRun> runs) {
        return runs.stream()
                .<Locked<ReadSets.NewRunSet>>map(run -> new Locked.Held<>())
                .toList();
    }

    /**
     * Locks of the candidates as many as may be taken, the runs first, each list in its order; what is held, no longer pending or no
     * longer due is passed over. The sessions that tasks name are locked with them.
     *
     * @param candidates at most one task for each session
     * @param most how many may be taken in all
     */
    default TakeSets.TakeSet lockTake(TakeCandidates candidates, int most) {
        return TakeSets.take(this, candidates, most);
    }

    /**
     * A run as it is stored, with what its row has besides. Immutable.
     *
     * @param lastEventSeq the number of its last event, 0 for none
     * @param lastCommandSeq the number of its last command, 0 for none
     */
    record StoredRun(Run run, RunGuard guard, long lastEventSeq, long lastCommandSeq) {

        /** Returns what the rules see of the run. */
        public RunHead head() {
            return RunHead.of(run, guard);
        }
    }

    /**
     * A task that may be dispatched. Immutable.
     *
     * @param sessionId the session that it names, if it names one
     * @param sessionKnown whether there is such a session
     * @param limited whether a limit may count it, so that it needs slots
     */
    record DueTask(String taskId, @Nullable String sessionId, boolean sessionKnown, boolean limited) {}
}
