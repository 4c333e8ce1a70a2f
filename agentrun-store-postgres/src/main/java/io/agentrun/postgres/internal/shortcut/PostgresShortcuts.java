package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.Shortcuts;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.shortcut.AcknowledgeBatch.Acknowledging;
import io.agentrun.postgres.internal.shortcut.AppendBatch.Append;
import io.agentrun.postgres.internal.shortcut.ClaimBatch.Claim;
import io.agentrun.postgres.internal.shortcut.HeartbeatBatch.Beating;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.BatchStamp;
import io.agentrun.rules.NewLease;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The shortcuts of PostgreSQL. Appends, claims by id, heartbeats, acknowledgements and new tasks go through a {@link GroupCommit} each, so that
 * concurrent callers share a statement and a commit; everything else is a statement of its own. No attempt is contended: an
 * operation that a combined statement passed over was executed alone.
 *
 * <p>Thread-safe.
 */
public final class PostgresShortcuts implements Shortcuts {

    private final Database database;
    private final Function<Append, Attempt<Appended>> appends;
    private final Function<Claim, Attempt<Run>> claims;
    private final Function<Beating, Attempt<Heartbeat>> heartbeats;
    private final Function<Acknowledging, Attempt<Command>> acknowledgements;
    private final TaskBatch newTasks;
    private final Function<QueueTask, Attempt<QueueTask>> tasks;
    private final RunShortcuts runs;
    private final RecordShortcuts records;
    private final CollectorShortcuts collectors;
    private final OwnerGuard guard;
    private final boolean grouped;

    private PostgresShortcuts(Database database, boolean grouped) {
        this.database = database;
        this.appends = executor(new AppendBatch(database), grouped);
        this.claims = executor(new ClaimBatch(database), grouped);
        this.heartbeats = executor(new HeartbeatBatch(database), grouped);
        this.acknowledgements = executor(new AcknowledgeBatch(database), grouped);
        this.newTasks = new TaskBatch(database);
        this.tasks = executor(newTasks, grouped);
        this.runs = new RunShortcuts(database);
        this.records = new RecordShortcuts(database);
        this.collectors = new CollectorShortcuts(database);
        this.guard = OwnerGuard.NONE;
        this.grouped = grouped;
    }

    private PostgresShortcuts(PostgresShortcuts whole, TenantScope scope) {
        this.database = whole.database;
        this.appends = whole.appends;
        this.claims = whole.claims;
        this.heartbeats = whole.heartbeats;
        this.acknowledgements = whole.acknowledgements;
        this.newTasks = whole.newTasks;
        this.tasks = whole.tasks;
        this.runs = whole.runs;
        this.records = whole.records;
        this.collectors = whole.collectors;
        this.guard = new OwnerGuard(scope);
        // A view's steps see its own records only.
        this.grouped = false;
    }

    /** Returns the shortcuts of a tenant view, whose callers are combined with those of all other views. */
    public PostgresShortcuts within(TenantScope scope) {
        return new PostgresShortcuts(this, scope);
    }

    /** Returns shortcuts whose callers are combined with those of the same instance. */
    public static PostgresShortcuts grouped(Database database) {
        return new PostgresShortcuts(database, true);
    }

    /** Returns shortcuts that execute everything on the thread of the caller, by itself. */
    public static PostgresShortcuts ungrouped(Database database) {
        return new PostgresShortcuts(database, false);
    }

    /** Returns whether whole steps of callers who meet may share a transaction. */
    public boolean isGrouped() {
        return grouped;
    }

    private static <I, O> Function<I, Attempt<O>> executor(GroupCommit.Operation<I, O> operation, boolean grouped) {
        return grouped ? new GroupCommit<>(operation)::execute : operation::executeAlone;
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    @Override
    public Attempt<Run> claim(String runId, NewLease lease, String eventId) {
        return claims.apply(new Claim(runId, lease, eventId, guard));
    }

    @Override
    public Attempt<Optional<Run>> claimNext(ClaimRequest request, NewLease lease, String eventId) {
        return runs.claimNext(request, lease, eventId);
    }

    @Override
    public Attempt<Heartbeat> heartbeat(Fence fence, Duration lease) {
        return heartbeats.apply(new Beating(fence, micros(lease), guard));
    }

    @Override
    public Attempt<List<Attempt<Heartbeat>>> heartbeatAll(List<Fence> fences, Duration lease) {
        long micros = micros(lease);
        return Attempt.done(HeartbeatBatch.all(
                database,
                fences.stream().map(fence -> new Beating(fence, micros, guard)).toList()));
    }

    @Override
    public Attempt<List<Attempt<Command>>> acknowledgeAll(List<Acknowledgement> items) {
        return Attempt.done(AcknowledgeBatch.all(
                database,
                items.stream()
                        .map(item -> new Acknowledging(item.fence(), item.commandId(), guard))
                        .toList()));
    }

    @Override
    public Attempt<Command> acknowledge(Fence fence, String commandId) {
        return acknowledgements.apply(new Acknowledging(fence, commandId, guard));
    }

    @Override
    public Attempt<Appended> append(
            String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<String> ids, List<NewEvent> events) {
        return appends.apply(new Append(runId, fence, batch, ids, events, guard));
    }

    @Override
    public Attempt<QueueTask> createTask(QueueTask task) {
        return TaskBatch.mayBeCombined(task) ? tasks.apply(task) : newTasks.executeAlone(task);
    }

    @Override
    public Attempt<Runner> register(NewRunner runner, String runnerId) {
        return records.register(runner, runnerId);
    }

    @Override
    public Attempt<RunnerJob> saveJob(NewRunnerJob job, String jobId) {
        return records.saveJob(job, jobId, guard);
    }

    @Override
    public Attempt<Backend> saveBackend(NewBackend backend) {
        return records.saveBackend(backend);
    }

    @Override
    public Attempt<ReadMark> markRead(MarkKind kind, String subjectId, String readerId, long version) {
        return records.markRead(kind, subjectId, readerId, version, guard);
    }

    @Override
    public Attempt<List<StorageClaim>> claimExpired(StorageClaimRequest request, Duration lease, int limit) {
        return Attempt.done(collectors.claimExpired(request, micros(lease), limit));
    }

    @Override
    public Attempt<Boolean> releaseClaim(String sessionId, String collectorId) {
        return collectors.releaseClaim(sessionId, collectorId, guard);
    }

    @Override
    public Attempt<PurgeResult> purge(PurgeRequest request) {
        return Attempt.done(runs.purge(request));
    }
}
