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
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.shortcut.AppendBatch.Append;
import io.agentrun.postgres.internal.shortcut.ClaimBatch.Claim;
import io.agentrun.postgres.internal.shortcut.HeartbeatBatch.Beating;
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
import org.jspecify.annotations.Nullable;

/**
 * The shortcuts of PostgreSQL. Appends, claims by id and heartbeats go through a {@link GroupCommit} each, so that concurrent
 * callers share a statement and a commit; everything else is a statement of its own. No attempt is contended: an operation
 * that a combined statement passed over was executed alone.
 *
 * <p>Thread-safe.
 */
public final class PostgresShortcuts implements Shortcuts {

    private final Database database;
    private final GroupCommit<Append, Appended> appends;
    private final GroupCommit<Claim, Run> claims;
    private final GroupCommit<Beating, Heartbeat> heartbeats;
    private final RunShortcuts runs;
    private final RecordShortcuts records;
    private final CollectorShortcuts collectors;

    /** Executes everything in the database; callers are combined with those of the same instance only. */
    public PostgresShortcuts(Database database) {
        this.database = database;
        this.appends = new GroupCommit<>(new AppendBatch(database));
        this.claims = new GroupCommit<>(new ClaimBatch(database));
        this.heartbeats = new GroupCommit<>(new HeartbeatBatch(database));
        this.runs = new RunShortcuts(database);
        this.records = new RecordShortcuts(database);
        this.collectors = new CollectorShortcuts(database);
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    @Override
    public Attempt<Run> claim(String runId, NewLease lease, String eventId) {
        return claims.execute(new Claim(runId, lease, eventId));
    }

    @Override
    public Attempt<Optional<Run>> claimNext(ClaimRequest request, NewLease lease, String eventId) {
        return Attempt.done(runs.claimNext(request, lease, eventId));
    }

    @Override
    public Attempt<Heartbeat> heartbeat(Fence fence, Duration lease) {
        return heartbeats.execute(new Beating(fence, micros(lease)));
    }

    @Override
    public Attempt<List<Attempt<Heartbeat>>> heartbeatAll(List<Fence> fences, Duration lease) {
        long micros = micros(lease);
        return Attempt.done(HeartbeatBatch.all(
                database,
                fences.stream().map(fence -> new Beating(fence, micros)).toList()));
    }

    @Override
    public Attempt<List<Attempt<Command>>> acknowledgeAll(List<Acknowledgement> acknowledgements) {
        return Attempt.done(runs.acknowledgeAll(acknowledgements));
    }

    @Override
    public Attempt<Command> acknowledge(Fence fence, String commandId) {
        return runs.acknowledge(fence, commandId);
    }

    @Override
    public Attempt<Appended> append(
            String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<String> ids, List<NewEvent> events) {
        return appends.execute(new Append(runId, fence, batch, ids, events));
    }

    @Override
    public Attempt<QueueTask> createTask(QueueTask task) {
        return records.createTask(task);
    }

    @Override
    public Attempt<Runner> register(NewRunner runner, String runnerId) {
        return records.register(runner, runnerId);
    }

    @Override
    public Attempt<RunnerJob> saveJob(NewRunnerJob job, String jobId) {
        return records.saveJob(job, jobId);
    }

    @Override
    public Attempt<Backend> saveBackend(NewBackend backend) {
        return records.saveBackend(backend);
    }

    @Override
    public Attempt<ReadMark> markRead(MarkKind kind, String subjectId, String readerId, long version) {
        return records.markRead(kind, subjectId, readerId, version);
    }

    @Override
    public Attempt<List<StorageClaim>> claimExpired(StorageClaimRequest request, Duration lease, int limit) {
        return Attempt.done(collectors.claimExpired(request, micros(lease), limit));
    }

    @Override
    public Attempt<Boolean> releaseClaim(String sessionId, String collectorId) {
        return collectors.releaseClaim(sessionId, collectorId);
    }

    @Override
    public Attempt<PurgeResult> purge(PurgeRequest request) {
        return Attempt.done(runs.purge(request));
    }
}
