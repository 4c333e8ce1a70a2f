package io.agentrun;

import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Parking;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ItemAnswer;
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
     *   <li>A run that is leased under this very runner id, with a lease that has not run out: while none of its turns is
     *       acknowledged and open, nothing was begun, and a new epoch begins as with a pending run; other acknowledged
     *       commands are pending again, a cancel request stays, and no attempt is spent. So a claim whose answer was lost
     *       is simply repeated, and of two processes with one runner id only the later one can write. Once a turn was
     *       begun, the claim is a recovery that spends an attempt (events {@code run-recovered} and {@code run-claimed},
     *       the epoch moves on by two); where no attempt is left or a cancel was asked for, it is refused. A claim never
     *       ends a live lease's run. Who may call this method may take any run over under its runner id.
     *   <li>A run whose lease has run out, this runner's own too: recovered first, in the same change, and then claimed
     *       (events {@code run-recovered} and {@code run-claimed}, the epoch moves on by two). Where recovery would end
     *       the run, because no attempt or no start is left or a cancel was asked for, the claim is refused and nothing
     *       changes.
     * </ul>
     *
     * <p>Every claim that is granted has a fence with a new token; earlier ones hold no longer.
     *
     * <p>Of several callers at the same moment one gets the lease.
     *
     * @throws io.agentrun.error.InvalidInputException if an id breaks the rule for ids, or the lease is null or out of the
     *     store's limits
     * @throws NotFoundException if there is no such run
     * @throws io.agentrun.error.LeaseConflictException if another runner's lease has not run out (retryable); if the
     *     lease has run out and recovery would end the run (not retryable: recover it); if the lease is live, under this
     *     runner's id, a turn was begun, and recovery would end the run (not retryable)
     * @throws io.agentrun.error.RunWaitingException if the run is parked
     * @throws io.agentrun.error.LimitFullException if the run is of a task, was parked and not claimed since, and a limit that counts its task
     *     is full
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
     * Does what {@link #heartbeat} does for each of the fences, in one step, and returns an answer for each, in their order. A fence
     * that is refused, or whose run is purged ({@code NotFoundException} in its answer), stops none of the others. A run that another
     * transaction has locked is waited for a short while, behind the others; if it stays locked, its answer is a retryable
     * {@code StoreUnavailableException}, and its lease is as it was.
     *
     * @param fences 0 to 1,000
     * @throws io.agentrun.error.InvalidInputException if a parameter or a fence is null, there are more than 1,000, or the lease is
     *     out of the store's limits
     */
    List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration lease);

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
     * Parks the run until its questions have ended: nobody holds it, and it costs no lease, no attempt, no start and no slot of a limit. Its
     * status is {@code waiting}, its epoch moves on by one, its acknowledged commands are pending again, and it has the event
     * {@code backend_status} {@code {phase: "run-parked", runnerId, questionIds}}. Its turn stays the active turn of its session, so that
     * others wait behind it; a steer waits with it. Deadlines go on.
     *
     * <p>Once none of the questions is open, however each of them ended, the run is pending again in the same step (event
     * {@code {phase: "run-resumed"}}), and whoever claims it gets the turn with {@code Command.resumed}: how often it was parked, and what
     * became of the questions. No command of the type {@code answer} tells of these questions. A run of a task counts towards the limits of the
     * queue again from that claim on, as with a start; where one is full, {@link #claim} is refused, and {@link #claimNext} and takes pass the
     * run over.
     *
     * <p>A run that waits is ended at once by a cancel of either mode, by {@code RunStore.finishUnclaimed}, and by a turn with
     * {@code OnBusy.INTERRUPT} from another run of its session, unless it has another open turn, which goes on instead.
     *
     * <p>Where none of the questions is open any more, nothing changes and the answer is {@link Parking.Answered}. A second call is refused,
     * because the first one began another epoch.
     *
     * @param questionIds 1 to {@value QuestionStore#MAX_OPEN} questions of the run, each once; others that are open stay so, and become
     *     commands when they end
     * @throws io.agentrun.error.InvalidInputException if a parameter is null, there are no or too many questions, one is named twice, or an id
     *     breaks the rule for ids
     * @throws NotFoundException if there is no such run, or one of the questions is not one of it
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws io.agentrun.error.StateConflictException if a cancel of the run was asked for, if no turn of it is acknowledged and open, or if
     *     an interrupt of that turn is open
     */
    Parking park(Fence fence, List<String> questionIds);

    /**
     * Returns leases that have run out and that nobody has recovered, the longest expired first, then by run id: at most as many as
     * the query says, or as a page of their runs has bytes. Nothing
     * is locked and nothing changes: a host may ask a second witness (is the runner's Job still there?) before it calls
     * {@link #recover}.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null or its limit is over the store's
     *     {@code maxPage}
     */
    List<ExpiredLease> listExpired(ExpiredQuery query);

    /**
     * Takes the run away from a runner whose lease of the given epoch has run out: cancelled if a cancel was asked for; else
     * pending again while it may be (event {@code backend_status} {@code {phase: "run-recovered", runnerId, attempt,
     * starts}}, acknowledged commands pending again); else failed. If a turn is acknowledged and open, the recovery spends an
     * attempt, and without another one the run fails with {@code runner-lost}. If none is, nothing was begun: no attempt is
     * spent, and a start is counted; with the store's {@code maxStarts} (3 unless set otherwise) in a row the run fails with
     * {@code infra-failed}, for it may be the work that kills its runners. Acknowledging a turn begins the count of starts
     * anew. Each outcome begins a new epoch. The lease is checked again in this very change: {@code NOT_NEEDED}, and nothing done, if another epoch has begun, the
     * lease was extended, or the run has ended. So a second call does nothing.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids or the epoch is less than 1
     * @throws NotFoundException if there is no such run
     */
    Recovery recover(String runId, long epoch);

    /**
     * Recovers expired leases, the longest over first, at most as many as the query says, or until the answer is as large as a page,
     * and returns what was done. Runs for
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

    /**
     * Ends pending runs that nobody has claimed in the time that their dispatch gave them ({@code DispatchRequest.claimWithin}), the
     * longest overdue first, at most as many as {@link #recoverExpired}, and returns what was done: {@code UNCLAIMED} for each. The time counts
     * from when the run was last pending or its turn was last deliverable, whichever is later; it stands while all open turns of the run
     * wait. A run of which a turn was ever acknowledged was begun, and never ends so.
     *
     * <p>The run is cancelled with the failure kind {@code unclaimed}, with all that the end of a run does. Its task is pending again,
     * after its retry delay or the time that the run had, whichever is longer: the number of its attempt rises with the next one, but
     * none is spent ({@code QueueTask.spent}). The third such end in a row, none of their runs having been claimed, blocks the task.
     *
     * <p>One that cannot be ended now ({@code PASSED_OVER}: another transaction has it locked, or a record of it cannot be read) stops no
     * other: it is reported as it was found, and the call goes on behind it. A second call finds what is left. Call it as often as
     * {@link #recoverExpired}, in any number of processes.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null or its limit is over the store's
     *     {@code maxPage}
     */
    List<Recovery> endUnclaimed(ExpiredQuery query);

    private Recovery recoverOrPass(ExpiredLease expired) {
        String runId = expired.runId();
        try {
            return recover(runId, expired.epoch());
        } catch (NotFoundException purged) {
            // Only ended runs are purged: nothing is left to recover.
            return new Recovery(runId, RecoveryOutcome.NOT_NEEDED, expired.run());
        } catch (StoreUnavailableException e) {
            return switch (e.reason()) {
                case LOCK_TIMEOUT, CORRUPT, CONFLICT -> new Recovery(runId, RecoveryOutcome.PASSED_OVER, expired.run());
                default -> throw e;
            };
        }
    }
}
