package io.agentrun.engine.view;

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
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.BatchStamp;
import io.agentrun.rules.NewLease;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The shortcuts of a tenant view, over those of a backend that refuses what is another owner's. Those that are not here are
 * unsupported in a view, and so are those whose scope has nothing in common with the view's.
 *
 * <p>Thread-safe.
 */
final class ScopedShortcuts implements Shortcuts {

    private final Shortcuts shortcuts;
    private final ViewScope scope;

    ScopedShortcuts(Shortcuts shortcuts, ViewScope scope) {
        this.shortcuts = shortcuts;
        this.scope = scope;
    }

    @Override
    public Attempt<Run> claim(String runId, NewLease lease, String eventId) {
        return shortcuts.claim(runId, lease, eventId);
    }

    @Override
    public Attempt<Optional<Run>> claimNext(ClaimRequest request, NewLease lease, String eventId) {
        return scope.narrow(request.scope())
                .map(shown -> shortcuts.claimNext(request.withScope(shown), lease, eventId))
                .orElseGet(Attempt::unsupported);
    }

    @Override
    public Attempt<Heartbeat> heartbeat(Fence fence, Duration lease) {
        return shortcuts.heartbeat(fence, lease);
    }

    @Override
    public Attempt<List<Attempt<Heartbeat>>> heartbeatAll(List<Fence> fences, Duration lease) {
        return shortcuts.heartbeatAll(fences, lease);
    }

    @Override
    public Attempt<List<Attempt<Command>>> acknowledgeAll(List<Acknowledgement> acknowledgements) {
        return shortcuts.acknowledgeAll(acknowledgements);
    }

    @Override
    public Attempt<Command> acknowledge(Fence fence, String commandId) {
        return shortcuts.acknowledge(fence, commandId);
    }

    @Override
    public Attempt<Appended> append(
            String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<String> ids, List<NewEvent> events) {
        return shortcuts.append(runId, fence, batch, ids, events);
    }

    @Override
    public Attempt<QueueTask> createTask(QueueTask task) {
        scope.require("queue task", task.owner());
        return shortcuts.createTask(task);
    }

    @Override
    public Attempt<RunnerJob> saveJob(NewRunnerJob job, String jobId) {
        return shortcuts.saveJob(job, jobId);
    }

    @Override
    public Attempt<ReadMark> markRead(MarkKind kind, String subjectId, String readerId, long version) {
        return shortcuts.markRead(kind, subjectId, readerId, version);
    }

    @Override
    public Attempt<List<StorageClaim>> claimExpired(StorageClaimRequest request, Duration lease, int limit) {
        return scope.narrow(request.scope())
                .map(shown -> shortcuts.claimExpired(request.withScope(shown), lease, limit))
                .orElseGet(Attempt::unsupported);
    }

    @Override
    public Attempt<Boolean> releaseClaim(String sessionId, String collectorId) {
        return shortcuts.releaseClaim(sessionId, collectorId);
    }

    @Override
    public Attempt<PurgeResult> purge(PurgeRequest request) {
        return scope.narrow(request.scope())
                .map(shown -> shortcuts.purge(request.withScope(shown)))
                .orElseGet(Attempt::unsupported);
    }
}
