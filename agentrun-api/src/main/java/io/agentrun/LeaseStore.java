package io.agentrun;

import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives runs to runners under lease, and takes them back from runners that are gone.
 *
 * <p>The life of a lease: {@link #claim} or {@link #claimNext} begins it and a new epoch with it, {@link #heartbeat}
 * extends it, and it ends when the runner finishes ({@code RunStore.finish}) or gives the run back ({@link #release}),
 * when a host cancels by force, or, once it has run out, when somebody recovers the run. A lease that has run out still
 * stands until then: its runner may extend it and write. Lengths of leases lie within the store's limits, 100
 * milliseconds to 24 hours unless set otherwise, and are counted from the store's time of the call.
 *
 * <p>What every operation checks first, and what each may throw besides, says {@link io.agentrun.AgentRunStore}.
 *
 * <p>Thread-safe.
 */
public interface LeaseStore {

    /**
     * Leases the run to the runner, for a host that decides itself which runner gets which run.
     *
     * <ul>
     *   <li>A pending run becomes claimed, its epoch moves on by one, and it has the event {@code backend_status}
     *       {@code {phase: "run-claimed", runnerId, epoch}}. Turns that wait behind another do not stop it.
     *   <li>A run that this runner holds with a lease that has not run out: the lease is set to the given length from now;
     *       same epoch, no event. So a second call is a heartbeat.
     *   <li>A run whose lease has run out, this runner's own too: recovered first, in the same change, and then claimed
     *       (events {@code run-recovered} and {@code run-claimed}, the epoch moves on by two). Where recovery would end
     *       the run, because no attempt is left or a cancel was asked for, the claim is refused and nothing changes.
     * </ul>
     *
     * <p>Of several callers at the same moment one gets the lease.
     *
     * @throws io.agentrun.error.InvalidInputException if an id breaks the rule for ids, or the lease is null or out of the
     *     store's limits
     * @throws NotFoundException if there is no such run
     * @throws io.agentrun.error.LeaseConflictException if another runner's lease has not run out (retryable), or if the
     *     lease has run out and recovery would end the run (not retryable: recover it)
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     */
    RunLease claim(String runId, String runnerId, Duration lease);

    /**
     * Leases the oldest pending run that fits the request (by time of creation, then id) to the runner; empty if there is
     * none. Runs that have open turns all of which wait behind another turn are passed over; a run without any turn is
     * not. Expired leases are left to recovery. The same run never goes to two callers, and no caller waits for another. A
     * second call takes another run.
     *
     * @throws io.agentrun.error.InvalidInputException if the request is null or its lease is out of the store's limits
     */
    Optional<RunLease> claimNext(ClaimRequest request);

    /**
     * Sets the lease to the given length from now, and returns what the runner must know: {@code CONTINUE};
     * {@code CANCEL_REQUESTED}, with the request; {@code LEASE_LOST} if the fence no longer holds, on a run that has ended
     * too; {@code ENDED} if the run has ended in the fence's own epoch. With the last two nothing changes. It also extends
     * a lease that has run out and that nobody recovered. It never throws for a lost lease. No event is written and
     * {@code updatedAt} stays. A second call sets the lease anew, also to an earlier time if it asks for less.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null or the lease is out of the store's limits
     * @throws NotFoundException if there is no such run
     */
    Heartbeat heartbeat(Fence fence, Duration lease);

    /**
     * Gives the run back on a graceful shutdown: it is pending again, its epoch moves on by one, its acknowledged commands
     * are pending again, and it has the event {@code backend_status} {@code {phase: "run-released", runnerId}}. No attempt
     * is spent. A run whose cancel was asked for ends as cancelled instead. A run that has ended in this epoch is returned
     * as stored. A second call is refused, because the first one began another epoch.
     *
     * @throws io.agentrun.error.InvalidInputException if the fence is null
     * @throws NotFoundException if there is no such run
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     */
    Run release(Fence fence);

    /**
     * Returns leases that have run out and that nobody has recovered, the longest expired first, then by run id. Nothing
     * is locked and nothing changes: a host may ask a second witness (is the runner's Job still there?) before it calls
     * {@link #recover}.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null or its limit is over the store's
     *     {@code maxPage}
     */
    List<ExpiredLease> listExpired(ExpiredQuery query);

    /**
     * Takes the run away from a runner whose lease of the given epoch has run out: cancelled if a cancel was asked for;
     * else pending again while attempts remain (event {@code backend_status} {@code {phase: "run-recovered", runnerId,
     * attempt}}, acknowledged commands pending again); else failed with {@code runner-lost}. Each begins a new epoch. The
     * lease is judged again in this very change: {@code NOT_NEEDED}, and nothing done, if another epoch has begun, the
     * lease was extended, or the run has ended. So a second call does nothing.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids or the epoch is less than 1
     * @throws NotFoundException if there is no such run
     */
    Recovery recover(String runId, long epoch);

    /**
     * Recovers expired leases, the longest over first, at most as many as the query says, and returns what was done. Runs for
     * which nothing was needed any more, or that were purged in between, are left out. One that cannot be recovered now
     * ({@code PASSED_OVER}: another transaction has it locked, or a record of it cannot be read) stops no other: it is reported
     * as it was found, and the call goes on behind it. A second call finds what is left.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null or its limit is over the store's
     *     {@code maxPage}
     */
    default List<Recovery> recoverExpired(ExpiredQuery query) {
        List<Recovery> done = new ArrayList<>();
        for (ExpiredLease expired : listExpired(query)) {
            Recovery recovery = recoverOrPass(expired);
            if (recovery.outcome() != RecoveryOutcome.NOT_NEEDED) {
                done.add(recovery);
            }
        }
        return List.copyOf(done);
    }

    private Recovery recoverOrPass(ExpiredLease expired) {
        Fence fence = expired.fence();
        try {
            return recover(fence.runId(), fence.epoch());
        } catch (NotFoundException purged) {
            // Only ended runs are purged: nothing is left to recover.
            return new Recovery(fence.runId(), RecoveryOutcome.NOT_NEEDED, expired.run());
        } catch (StoreUnavailableException e) {
            return switch (e.reason()) {
                case LOCK_TIMEOUT, CORRUPT, CONFLICT ->
                    new Recovery(fence.runId(), RecoveryOutcome.PASSED_OVER, expired.run());
                default -> throw e;
            };
        }
    }
}
