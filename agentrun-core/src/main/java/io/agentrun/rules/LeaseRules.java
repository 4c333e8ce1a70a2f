package io.agentrun.rules;

import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.RunWaitingException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.ClaimLimit;
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

    /** Why a run has failed that no runner has ever begun to work on. */
    static final String NEVER_BEGUN = "the leases of its runners ran out, and none of them had begun a turn";

    private LeaseRules() {}

    /** Returns whether the fence is that of the present epoch's claim (L-1). Expiry alone does not break a fence. */
    public static boolean holds(RunHead run, Fence fence) {
        if (run.epoch() != fence.epoch() || !run.guard().admits(fence)) {
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
     * @param maxStarts how many starts may come to nothing in a row (L-8)
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws RunWaitingException if it is parked
     * @throws LeaseConflictException if another runner's lease is live; or if the runner's own lease is live with a turn that
     *     was begun, or the lease has run out, and recovery would not leave the run pending
     */
    public static Change claim(RunView view, NewLease claim, int maxStarts, Instant now) {
        RunHead run = view.run();
        RunRules.requireOpen(run);
        if (run.status() == RunStatus.WAITING) {
            throw new RunWaitingException(run.id());
        }
        Lease lease = run.claim().lease();
        if (lease == null) {
            return granted(run, claim, now);
        }
        boolean live = lease.aliveAt(now);
        if (live && !lease.runnerId().equals(claim.runnerId())) {
            throw LeaseConflictException.held(run.id());
        }
        Change.Builder change = Change.builder();
        if (live && !begun(view.openCommands())) {
            RunRules.requeue(view, change, now);
            return change.then(granted(run, claim, now)).build();
        }
        if (recovery(run, view.openCommands(), maxStarts) != RecoveryOutcome.REQUEUED) {
            throw live ? LeaseConflictException.begun(run.id()) : LeaseConflictException.unrecovered(run.id());
        }
        RunHead free = requeued(view, lease, change, now);
        return change.then(granted(free, claim, now)).build();
    }

    /** Returns whether a turn of the run is acknowledged and has not ended, so that losing its runner costs an attempt. */
    private static boolean begun(List<CommandHead> openCommands) {
        for (CommandHead command : openCommands) {
            if (RunRules.isTurn(command) && command.state() == CommandState.ACKNOWLEDGED) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the run fails if its runner is lost now: the last attempt was begun, or the last start was not. */
    private static boolean lastTry(RunHead run, List<CommandHead> openCommands, int maxStarts) {
        RunAttempts attempts = run.claim().attempts();
        return begun(openCommands) ? attempts.exhausted() : attempts.starts() + 1 >= maxStarts;
    }

    private static RunAttempts afterLoss(RunView view) {
        RunAttempts attempts = view.run().claim().attempts();
        return begun(view.openCommands()) ? attempts.next() : attempts.withStarts(attempts.starts() + 1);
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
     *
     * @param maxStarts how many starts may come to nothing in a row
     */
    public static Recovered recover(RunView view, long epoch, int maxStarts, Instant now) {
        RunHead run = view.run();
        Lease lease = run.claim().lease();
        if (lease == null || lease.epoch() != epoch || lease.aliveAt(now)) {
            return new Recovered(RecoveryOutcome.NOT_NEEDED, Change.none());
        }
        RecoveryOutcome outcome = recovery(run, view.openCommands(), maxStarts);
        CancelRequest request = run.cancelRequest();
        if (request != null) {
            return new Recovered(
                    outcome,
                    RunRules.end(
                            view, TurnResult.of(Outcome.cancelled(request.reason())), RunRules.Ending.NEW_EPOCH, now));
        }
        if (outcome == RecoveryOutcome.FAILED) {
            return new Recovered(outcome, failed(view, now));
        }
        Change.Builder change = Change.builder();
        requeued(view, lease, change, now);
        return new Recovered(outcome, change.build());
    }

    /** Returns what a recovery makes of a run whose lease is over (L-8). */
    static RecoveryOutcome recovery(RunHead run, List<CommandHead> openCommands, int maxStarts) {
        if (run.cancelRequest() != null) {
            return RecoveryOutcome.CANCELLED;
        }
        return lastTry(run, openCommands, maxStarts) ? RecoveryOutcome.FAILED : RecoveryOutcome.REQUEUED;
    }

    /** Returns whether it is sure that no turn of the run was ever acknowledged: nobody ever claimed it, or its limit still stands. */
    static boolean neverBegun(RunHead run) {
        return run.epoch() == 0 || run.claimLimit() != null;
    }

    /**
     * Returns when a pending run ends if nobody claims it (L-10); null if it has no limit, is not pending, or only waits: then no time
     * counts. It counts from when the run was last pending or its turn was last deliverable, whichever is later.
     */
    static @Nullable Instant unclaimedAt(RunHead run, List<CommandHead> openCommands) {
        ClaimLimit limit = run.claimLimit();
        Instant until = limit == null ? null : limit.until();
        if (limit == null || until == null || !claimable(run, openCommands)) {
            return null;
        }
        for (CommandHead command : openCommands) {
            if (RunRules.isTurn(command) && command.order().deliverable()) {
                Instant ofTurn = command.times().updatedAt().plus(limit.within());
                until = ofTurn.isAfter(until) ? ofTurn : until;
            }
        }
        return until;
    }

    /** Returns the run ended because nobody has claimed it in its time (L-10); nothing if that is not so. */
    public static Change unclaimed(RunView view, Instant now) {
        Instant at = unclaimedAt(view.run(), view.openCommands());
        ClaimLimit limit = view.run().claimLimit();
        if (at == null || at.isAfter(now) || limit == null) {
            return Change.none();
        }
        Outcome outcome = Outcome.unclaimed("nobody has claimed it within " + limit.within());
        return RunRules.end(view, TurnResult.of(outcome), RunRules.Ending.UNCLAIMED, now);
    }

    private static Change failed(RunView view, Instant now) {
        if (begun(view.openCommands())) {
            Outcome lost = Outcome.failed(FailureKind.RUNNER_LOST, RUNNER_LOST);
            return RunRules.end(view, TurnResult.of(lost), RunRules.Ending.NEW_EPOCH, now);
        }
        RunHead run = view.run();
        RunClaim claim = run.claim();
        RunHead counted = run.toBuilder()
                .claim(new RunClaim(claim.epoch(), claim.generation(), claim.lease(), afterLoss(view)))
                .build();
        Outcome never = Outcome.failed(FailureKind.INFRA_FAILED, NEVER_BEGUN);
        return RunRules.end(view.with(counted), TurnResult.of(never), RunRules.Ending.NEW_EPOCH, now);
    }

    private static Change granted(RunHead run, NewLease claim, Instant now) {
        long epoch = run.epoch() + 1;
        Lease lease = new Lease(claim.runnerId(), epoch, now.plus(claim.length()));
        RunHead claimed = run.toBuilder()
                .status(RunStatus.CLAIMED)
                .epoch(
                        new RunClaim(
                                epoch,
                                run.claim().generation(),
                                lease,
                                run.claim().attempts()),
                        RunGuard.of(claim.tokenHash()))
                .claimLimit(run.claimLimit() == null ? null : run.claimLimit().stopped())
                .updatedAt(now)
                .startedAt(firstStart(run, now))
                .build();
        return Change.builder()
                .put(claimed)
                .emit(StreamEvents.runClaimed(run, claim.runnerId(), epoch))
                .build();
    }

    /** Returns when the run was first claimed if it is claimed now: only the first claim finds no epoch begun. */
    private static @Nullable Instant firstStart(RunHead run, Instant now) {
        return run.epoch() == 0 ? now : run.startedAt();
    }

    /** Returns the run without a holder until its questions have ended: a new epoch and a new generation, and no slot of a limit. */
    static RunHead waiting(RunHead run, Instant now) {
        return pending(run, run.claim().attempts(), now).toBuilder()
                .status(RunStatus.WAITING)
                .parked()
                .build();
    }

    /** Returns a run that waited as pending, in the same epoch. */
    static RunHead resumed(RunHead run, Instant now) {
        return run.toBuilder().status(RunStatus.PENDING).updatedAt(now).build();
    }

    private static RunHead extended(RunHead run, Lease lease, Duration length, Instant now) {
        Lease longer = new Lease(lease.runnerId(), lease.epoch(), now.plus(length));
        return run.toBuilder()
                .claim(new RunClaim(
                        run.epoch(),
                        run.claim().generation(),
                        longer,
                        run.claim().attempts()))
                .build();
    }

    private static RunHead requeued(RunView view, Lease lease, Change.Builder change, Instant now) {
        RunHead run = view.run();
        RunAttempts attempts = afterLoss(view);
        RunRules.requeue(view, change, now);
        RunHead free = pending(run, attempts, now);
        change.put(free).emit(StreamEvents.runRecovered(run, lease.runnerId(), attempts));
        return free;
    }

    /** Returns the run without a holder: a new epoch and a new generation. */
    private static RunHead pending(RunHead run, RunAttempts attempts, Instant now) {
        return run.toBuilder()
                .status(RunStatus.PENDING)
                .epoch(new RunClaim(run.epoch() + 1, run.claim().generation() + 1, null, attempts), RunGuard.NONE)
                .claimLimit(run.claimLimit() == null ? null : run.claimLimit().since(now))
                .updatedAt(now)
                .build();
    }
}
