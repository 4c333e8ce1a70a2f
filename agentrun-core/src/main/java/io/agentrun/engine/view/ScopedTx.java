package io.agentrun.engine.view;

import io.agentrun.backend.Entry;
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
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.TakeSets.TakeSet;
import io.agentrun.backend.Written;
import io.agentrun.command.NewCommand;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
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
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of a tenant view: what belongs to another owner is missing where it is locked too, what is created belongs to
 * an owner in the scope, and what has no owner is refused.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ScopedTx extends ScopedReads implements StoreTx {

    private final StoreTx tx;
    private final ViewScope scope;

    ScopedTx(StoreTx tx, ViewScope scope, boolean checking) {
        super(tx, scope, checking);
        this.tx = tx;
        this.scope = scope;
    }

    private static <T> Locked<T> only(Locked<T> locked, Predicate<T> seen) {
        return locked instanceof Locked.Found<T> found && !seen.test(found.value()) ? new Locked.Missing<>() : locked;
    }

    @Override
    public Instant now() {
        return tx.now();
    }

    @Override
    public Locked<Schedule> lockSchedule(ScheduleKey key) {
        return scope.includes(key.owner()) ? tx.lockSchedule(key) : new Locked.Missing<>();
    }

    @Override
    public Locked<Session> lockSession(String sessionId, LockMode mode) {
        return only(tx.lockSession(sessionId, mode), session -> scope.includes(session.owner()));
    }

    @Override
    public Locked<StoredRun> lockRun(String runId, LockMode mode) {
        return only(
                tx.lockRun(runId, mode), stored -> scope.includes(stored.run().owner()));
    }

    @Override
    public Locked<QueueTask> lockTask(String taskId, LockMode mode) {
        return only(tx.lockTask(taskId, mode), task -> scope.includes(task.owner()));
    }

    @Override
    public List<CommandHead> openCommands(String runId) {
        return tx.openCommands(runId);
    }

    @Override
    public Optional<CommandHead> nextTurn(
            String sessionId, @Nullable String exceptRun, @Nullable String exceptCommand) {
        return tx.nextTurn(sessionId, exceptRun, exceptCommand);
    }

    @Override
    public boolean inUse(String sessionId) {
        return tx.inUse(sessionId);
    }

    @Override
    public List<String> pendingRuns(ClaimRequest request, Collection<String> passed, int limit) {
        return scope.narrow(request.scope())
                .map(shown -> tx.pendingRuns(request.withScope(shown), passed, limit))
                .orElse(List.of());
    }

    @Override
    public List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit) {
        return scope.narrow(request.scope())
                .map(shown -> tx.dueTasks(request.withScope(shown), passed, limit))
                .orElse(List.of());
    }

    @Override
    public List<Run> endedRuns(TenantScope asked, Duration olderThan, List<String> after, int limit) {
        return scope.narrow(asked)
                .map(shown -> tx.endedRuns(shown, olderThan, after, limit))
                .orElse(List.of());
    }

    @Override
    public List<String> collectableSessions(StorageClaimRequest request, Collection<String> passed, int limit) {
        return scope.narrow(request.scope())
                .map(shown -> tx.collectableSessions(request.withScope(shown), passed, limit))
                .orElse(List.of());
    }

    @Override
    public List<OldRecord> oldRecords(OldRecord.Kind kind, TenantScope asked, List<String> after, int limit) {
        return scope.narrow(asked)
                .map(shown -> tx.oldRecords(kind, shown, after, limit))
                .orElse(List.of());
    }

    @Override
    public List<String> runsOfSession(String sessionId, int limit) {
        return tx.runsOfSession(sessionId, limit);
    }

    @Override
    public Optional<QueueTask> findReplaceable(Owner owner, String replaceKey) {
        scope.require("queue task", owner);
        return tx.findReplaceable(owner, replaceKey);
    }

    @Override
    public Optional<Entry.CollectorLease> collector(String sessionId) {
        return tx.collector(sessionId);
    }

    @Override
    public void lockLimits() {
        throw TenantPolicyException.ownerless("limit", "*");
    }

    @Override
    public Map<String, Grant> lockSlots(List<QueueTask> tasks) {
        return tx.lockSlots(tasks);
    }

    @Override
    public Written write(Change change, IdSource ids) {
        change.created().runs().forEach(run -> scope.require("run", run.owner()));
        change.created().sessions().forEach(session -> scope.require("session", session.owner()));
        change.created().tasks().forEach(task -> scope.require("queue task", task.owner()));
        return tx.write(change, ids);
    }

    @Override
    public void put(Entry entry) {
        if (entry instanceof Entry.OfRunner of) {
            throw TenantPolicyException.ownerless("runner", of.runner().id());
        }
        if (entry instanceof Entry.OfBackend of) {
            throw TenantPolicyException.ownerless(
                    "backend", of.backend().profile().wire());
        }
        if (entry instanceof Entry.OfLimit of) {
            throw TenantPolicyException.ownerless("limit", of.key().text());
        }
        if (entry instanceof Entry.OfSchedule of) {
            scope.require("schedule", of.schedule().key().owner());
        }
        tx.put(entry);
    }

    @Override
    public void deleteRun(String runId) {
        tx.deleteRun(runId);
    }

    /** Deletes what was locked, and so is of the scope. */
    @Override
    public void delete(OldRecord.Kind kind, String id) {
        tx.delete(kind, id);
    }

    /** Deletes what a search of the scope has found and what has not changed since. */
    @Override
    public List<String> deleteUnchanged(OldRecord.Kind kind, List<OldRecord> found) {
        return tx.deleteUnchanged(kind, found);
    }

    @Override
    public Locked<RunEnd> lockRunEnd(String runId) {
        return only(tx.lockRunEnd(runId), seen -> scope.includes(seen.run().owner()));
    }

    /** Locks the run; of a command that is not one of the run, the rule says that there is none. */
    @Override
    public Locked<TurnEnd> lockTurnEnd(String runId, String commandId) {
        return only(
                tx.lockTurnEnd(runId, commandId),
                seen -> scope.includes(seen.run().owner()));
    }

    /** Locks what is to be taken: the candidates are of the scope. */
    @Override
    public TakeSet lockTake(TakeCandidates candidates, int most) {
        return tx.lockTake(candidates, most);
    }

    @Override
    public Locked<CommandEnd> lockCommandEnd(String commandId) {
        return only(
                tx.lockCommandEnd(commandId), seen -> seesRun(seen.view().run().id()));
    }

    @Override
    public Locked<Lane> lockLane(String runId, NewCommand input) {
        return only(tx.lockLane(runId, input), seen -> seesRun(seen.lane().run().id()));
    }

    /** Locks the session whoever it belongs to, because its id is taken: the rule refuses one of another owner. */
    @Override
    public Locked<Session> lockUpsert(SessionUpsert input) {
        scope.require("session", input.owner());
        return tx.lockUpsert(input);
    }

    /** Locks the session whoever it belongs to, because its id is taken: the rule refuses one of another owner. */
    @Override
    public NewRunSet lockNewRun(NewRun input) {
        scope.require("run", input.owner());
        return tx.lockNewRun(input);
    }

    @Override
    public Locked<SessionUse> lockSessionUse(String sessionId) {
        return only(
                tx.lockSessionUse(sessionId),
                seen -> scope.includes(seen.session().owner()));
    }

    /** The candidates are of the scope; a session of theirs that belongs to another owner is refused by the rule. */
    @Override
    public DueSet lockDue(List<DueTask> candidates) {
        return tx.lockDue(candidates);
    }
}
