package io.agentrun.backend;

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
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whole operations that a backend does by itself, as a rule in one statement, because they are the frequent ones. Each encodes
 * the guard of the rule that is named beside it; the conformance kit runs with and without them. Input is checked and redacted,
 * ids are drawn.
 *
 * <p>Thread-safe.
 */
public interface Shortcuts {

    /** No shortcuts at all. */
    Shortcuts NONE = new Shortcuts() {};

    /** Claims a run that is pending (L-2); refused otherwise. */
    default Attempt<Run> claim(String runId, NewLease lease, String eventId) {
        return Attempt.unsupported();
    }

    /** Claims the oldest pending run that the request accepts and that is not locked (L-7). */
    default Attempt<Optional<Run>> claimNext(ClaimRequest request, NewLease lease, String eventId) {
        return Attempt.unsupported();
    }

    /** Extends the lease of a fence that holds (L-6); refused otherwise. */
    default Attempt<Heartbeat> heartbeat(Fence fence, Duration lease) {
        return Attempt.unsupported();
    }

    /**
     * Extends the leases of those fences that hold (L-6), in one step; done with an attempt for each, in their order. Rows that are
     * locked are passed over, so that an attempt that is not done is contended or refused: the backend need not know which.
     */
    default Attempt<List<Attempt<Heartbeat>>> heartbeatAll(List<Fence> fences, Duration lease) {
        return Attempt.unsupported();
    }

    /**
     * Acknowledges those commands that are pending and deliverable, for a fence that holds (C-6), in one step; done with an attempt
     * for each, as with {@link #heartbeatAll}.
     */
    default Attempt<List<Attempt<Command>>> acknowledgeAll(List<Acknowledgement> acknowledgements) {
        return Attempt.unsupported();
    }

    /** Acknowledges a pending, deliverable command of the fence's run (C-6); refused otherwise. */
    default Attempt<Command> acknowledge(Fence fence, String commandId) {
        return Attempt.unsupported();
    }

    /**
     * Appends events to a run that the fence holds (L-1) or, without a fence, that has not ended (E-2); a numbered batch is
     * later than the last one, and is remembered as the last one (E-7); refused otherwise.
     *
     * @param batch null for events without a number; never given without a fence
     * @param ids one for each event
     */
    default Attempt<Appended> append(
            String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<String> ids, List<NewEvent> events) {
        return Attempt.unsupported();
    }

    /** Inserts a task whose time and version are the database's; refused where its key is taken. */
    default Attempt<QueueTask> createTask(QueueTask task) {
        return Attempt.unsupported();
    }

    /** Registers a runner (J-1). */
    default Attempt<Runner> register(NewRunner runner, String runnerId) {
        return Attempt.unsupported();
    }

    /** Saves a job of an open run and one of its commands (J-2); refused otherwise, and where its key is taken. */
    default Attempt<RunnerJob> saveJob(NewRunnerJob job, String jobId) {
        return Attempt.unsupported();
    }

    /** Saves a backend (J-3). */
    default Attempt<Backend> saveBackend(NewBackend backend) {
        return Attempt.unsupported();
    }

    /** Moves a reader's mark forward to a version that the subject has reached (S-6); refused otherwise. */
    default Attempt<ReadMark> markRead(Entry.MarkKind kind, String subjectId, String readerId, long version) {
        return Attempt.unsupported();
    }

    /** Leases sessions to a collector (P-8). */
    default Attempt<List<StorageClaim>> claimExpired(StorageClaimRequest request, Duration lease, int limit) {
        return Attempt.unsupported();
    }

    /** Ends the lease of the collector on the session (P-8); refused where there is no such session. */
    default Attempt<Boolean> releaseClaim(String sessionId, String collectorId) {
        return Attempt.unsupported();
    }

    /** Deletes ended runs. */
    default Attempt<PurgeResult> purge(PurgeRequest request) {
        return Attempt.unsupported();
    }

    /** Where appended events are. Immutable. */
    record Appended(long before, Instant at) {}
}
