package io.agentrun.memory;

import io.agentrun.backend.LimitSets;
import io.agentrun.backend.StoreReads.TakeCandidates;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** Finds what may be dispatched or taken; the caller holds the executor's lock. */
final class MemoryTakes {

    private final MemoryReads reads;

    MemoryTakes(MemoryReads reads) {
        this.reads = reads;
    }

    TakeCandidates candidates(DispatchRequest filter, Collection<String> passed, int limit) {
        List<String> runs = reads.list(
                reads.state.pendingRunsOfTasks,
                null,
                id -> id,
                id -> !passed.contains(id) && waits(id) && matches(filter, task(id)),
                limit);
        return new TakeCandidates(runs, dueTasks(filter, passed, limit));
    }

    private boolean waits(String runId) {
        RunEntry entry = reads.state.entry(runId);
        RunHead run = RunHead.of(entry.run());
        return LeaseRules.claimable(run, entry.openCommands())
                && (reads.state.limits.isEmpty() || LimitSets.full(reads, run, reads.clock()) == null);
    }

    private QueueTask task(String runId) {
        Run run = reads.state.entry(runId).run();
        return reads.task(String.valueOf(run.taskId()));
    }

    List<DueTask> dueTasks(DispatchRequest request, Collection<String> passed, int limit) {
        Instant time = reads.clock();
        List<QueueTask> due = reads.list(
                reads.state.pendingTasks,
                null,
                reads::task,
                task -> matches(request, task)
                        && QueueRules.dispatchable(task, time)
                        && !passed.contains(task.id())
                        && !sessionIsBusy(task)
                        && !isLimited(task, time),
                limit);
        return due.stream().map(this::due).toList();
    }

    private static boolean matches(DispatchRequest request, QueueTask task) {
        return request.scope().includes(task.owner())
                && (request.queue() == null
                        || request.queue().equals(task.place().queue()))
                && (request.lane() == null || request.lane().equals(task.place().lane()))
                && (request.backendProfiles().isEmpty()
                        || request.backendProfiles().contains(task.spec().backendProfile()));
    }

    private boolean sessionIsBusy(QueueTask task) {
        SessionRef ref = task.content().session();
        return ref != null && reads.state.openTurnsOfSession.containsKey(ref.sessionId());
    }

    private boolean isLimited(QueueTask task, Instant time) {
        return !reads.state.limits.isEmpty() && LimitSets.full(reads, task, time) != null;
    }

    private DueTask due(QueueTask task) {
        SessionRef ref = task.content().session();
        String sessionId = ref == null ? null : ref.sessionId();
        boolean known = sessionId != null && reads.state.sessions.containsKey(sessionId);
        return new DueTask(task.id(), sessionId, known, !reads.state.limits.isEmpty());
    }
}
