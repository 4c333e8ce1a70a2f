package io.agentrun.rules;

import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Lease;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a lease: claimed, extended, given back, taken away from a runner that is gone.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class LeaseRules {

    /** Why a run has failed whose runner let its lease run out with no attempt left. */
    static final String RUNNER_LOST = "the runner's lease ran out";

    private LeaseRules() {}

    /** Returns whether the fence stands for the run's present epoch (L-1). Expiry alone does not break a fence. */
    public static boolean holds(RunHead run, Fence fence) {
        if (run.epoch() != fence.epoch()) {
            return false;
        }
        Lease lease = run.claim().lease();
        return lease == null ? run.isTerminal() : lease.runnerId().equals(fence.runnerId());
    }

    /**
     * Refuses a runner that does not hold the run (L-1).
     *
     * @throws LeaseConflictException if the fence does not hold
     */
    public static void requireHolder(RunHead run, Fence fence) {
        if (!holds(run, fence)) {
            throw LeaseConflictException.lost(fence.runId(), fence.epoch());
        }
    }

    /**
     * Returns the run leased to the runner (L-2, L-3, L-4).
     *
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws LeaseConflictException if another runner's lease is live, or if the lease has run out and recovery would not
     *     leave the run pending
     */
    public static Change claim(RunView view, String runnerId, Duration length, Instant now) {
        RunHead run = view.run();
        RunRules.requireOpen(run);
        Lease lease = run.claim().lease();
        if (lease == null) {
            return granted(run, runnerId, length, now);
        }
        if (lease.expiresAt().isAfter(now)) {
            if (!lease.runnerId().equals(runnerId)) {
                throw LeaseConflictException.held(run.id());
            }
            return Change.builder().put(extended(run, lease, length, now)).build();
        }
        if (run.cancelRequest() != null || run.claim().attempts().exhausted()) {
            throw LeaseConflictException.unrecovered(run.id());
        }
        Change.Builder change = Change.builder();
        RunHead free = requeued(view, lease, change, now);
        return change.then(granted(free, runnerId, length, now)).build();
    }

    /**
     * Returns whether {@code claimNext} may take the run, apart from the caller's filter (L-7): it is pending, and not all
     * of the turns that it has open wait behind another.
     */
    public static boolean claimable(RunHead run, List<CommandHead> openCommands) {
        if (run.status() != RunStatus.PENDING) {
            return false;
        }
        boolean waiting = false;
        for (CommandHead command : openCommands) {
            if (RunRules.isTurn(command)) {
                if (command.order().deliverable()) {
                    return true;
                }
                waiting = true;
            }
        }
        return !waiting;
    }

    /** What the holder must know, and the extended run where the lease goes on (L-6). */
    public record Beat(LeaseSignal signal, @Nullable RunHead next) {}

    /** Returns the lease extended to the given length from now, or the reason why it is not; never a refusal (L-6). */
    public static Beat heartbeat(RunHead run, Fence fence, Duration length, Instant now) {
        LeaseSignal signal = signal(run, fence);
        Lease lease = run.claim().lease();
        return switch (signal) {
            case CONTINUE, CANCEL_REQUESTED ->
                lease == null
                        ? new Beat(LeaseSignal.LEASE_LOST, null)
                        : new Beat(signal, extended(run, lease, length, now));
            case LEASE_LOST, ENDED -> new Beat(signal, null);
        };
    }

    /** Returns what the state of the run says to the holder of the fence (L-6). */
    public static LeaseSignal signal(RunHead run, Fence fence) {
        if (!holds(run, fence)) {
            return LeaseSignal.LEASE_LOST;
        }
        if (run.isTerminal()) {
            return LeaseSignal.ENDED;
        }
        return run.cancelRequest() == null ? LeaseSignal.CONTINUE : LeaseSignal.CANCEL_REQUESTED;
    }

    /**
     * Returns the run given back: pending again for another runner, or cancelled if that was asked for; empty if it has ended
     * (L-5).
     *
     * @throws LeaseConflictException if the fence does not hold
     */
    public static Change release(RunView view, Fence fence, Instant now) {
        RunHead run = view.run();
        requireHolder(run, fence);
        if (run.isTerminal()) {
            return Change.none();
        }
        CancelRequest request = run.cancelRequest();
        if (request != null) {
            return RunRules.end(
                    view, TurnResult.of(Outcome.cancelled(request.reason())), RunRules.Ending.NEW_EPOCH, now);
        }
        Change.Builder change = Change.builder();
        RunRules.requeue(view, change, now);
        return change.put(pending(run, run.claim().attempts(), now))
                .emit(StreamEvents.runReleased(run, fence.runnerId()))
                .build();
    }

    /** What recovery did, and what it writes. */
    public record Recovered(RecoveryOutcome outcome, Change change) {}

    /**
     * Returns the run of a runner that is gone, cancelled, pending again or failed (L-8); nothing if the epoch is over or the
     * lease is alive.
     */
    public static Recovered recover(RunView view, long epoch, Instant now) {
        RunHead run = view.run();
        Lease lease = run.claim().lease();
        if (lease == null || lease.epoch() != epoch || lease.expiresAt().isAfter(now)) {
            return new Recovered(RecoveryOutcome.NOT_NEEDED, Change.none());
        }
        CancelRequest request = run.cancelRequest();
        if (request != null) {
            return new Recovered(
                    RecoveryOutcome.CANCELLED,
                    RunRules.end(
                            view, TurnResult.of(Outcome.cancelled(request.reason())), RunRules.Ending.NEW_EPOCH, now));
        }
        if (run.claim().attempts().exhausted()) {
            return new Recovered(
                    RecoveryOutcome.FAILED,
                    RunRules.end(
                            view,
                            TurnResult.of(Outcome.failed(FailureKind.RUNNER_LOST, RUNNER_LOST)),
                            RunRules.Ending.NEW_EPOCH,
                            now));
        }
        Change.Builder change = Change.builder();
        requeued(view, lease, change, now);
        return new Recovered(RecoveryOutcome.REQUEUED, change.build());
    }

    private static Change granted(RunHead run, String runnerId, Duration length, Instant now) {
        long epoch = run.epoch() + 1;
        RunHead claimed = run.toBuilder()
                .status(RunStatus.CLAIMED)
                .claim(new RunClaim(
                        epoch,
                        new Lease(runnerId, epoch, now.plus(length)),
                        run.claim().attempts()))
                .updatedAt(now)
                .build();
        return Change.builder()
                .put(claimed)
                .emit(StreamEvents.runClaimed(run, runnerId, epoch))
                .build();
    }

    private static RunHead extended(RunHead run, Lease lease, Duration length, Instant now) {
        Lease longer = new Lease(lease.runnerId(), lease.epoch(), now.plus(length));
        return run.toBuilder()
                .claim(new RunClaim(run.epoch(), longer, run.claim().attempts()))
                .build();
    }

    private static RunHead requeued(RunView view, Lease lease, Change.Builder change, Instant now) {
        RunHead run = view.run();
        RunAttempts attempts = run.claim().attempts().next();
        RunRules.requeue(view, change, now);
        RunHead free = pending(run, attempts, now);
        change.put(free).emit(StreamEvents.runRecovered(run, lease.runnerId(), attempts.current()));
        return free;
    }

    private static RunHead pending(RunHead run, RunAttempts attempts, Instant now) {
        return run.toBuilder()
                .status(RunStatus.PENDING)
                .claim(new RunClaim(run.epoch() + 1, null, attempts))
                .updatedAt(now)
                .build();
    }
}
