package io.agentrun;

import io.agentrun.command.FinishedTurn;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import org.jspecify.annotations.Nullable;

/**
 * Creates runs, shows them and ends them. Who holds a run under lease is the business of
 * {@link io.agentrun.LeaseStore}.
 *
 * <p>Whatever ends a run does all of this in the same change: its open commands end with it (acknowledged ones share the
 * run's outcome, pending ones are cancelled, each with a {@code command-terminal} event, by number); if it was its
 * session's active run, the session's next turn becomes active or the session {@code terminal}; its queue task moves on;
 * its lease is gone; and the last event that the run will ever have is {@code terminal_status}.
 *
 * <p>What every operation checks first, and what each may throw besides, says {@link io.agentrun.AgentRunStore}.
 *
 * <p>Thread-safe.
 */
public interface RunStore {

    /**
     * Creates a pending run, with the event {@code backend_status} {@code {phase: "run-created", backendProfile, sessionId,
     * resourceBundle}}. A session that is named and does not exist is created with the values of the reference; one that
     * exists keeps its own, its backend too where the run's is another one, and takes this run as its last. With an idempotency key that is known in the owner's tenant and
     * project, the first run is returned, also when it has ended since, and nothing is changed; callers at the same moment
     * get the same run. Without a key every call creates another run.
     *
     * @return the new run, or the first one of the key
     * @throws io.agentrun.error.InvalidInputException if the input is null or one of its JSON objects is over the store's
     *     {@code maxPayloadBytes}
     * @throws io.agentrun.error.TenantPolicyException if the session belongs to another tenant or project
     * @throws io.agentrun.error.IdempotencyConflictException if the key is known with other content
     * @throws io.agentrun.storage.SessionStorageException if the session's storage is evicting, evicted or missing
     */
    Run create(NewRun input);

    /**
     * Returns the run as it is now.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such run, or it was purged
     */
    Run get(String runId);

    /**
     * Returns the run that was created under the idempotency key, as it is now.
     *
     * @param owner whose key it is: the tenant and project that the run was created for
     * @throws io.agentrun.error.InvalidInputException if the owner is null, or the key breaks the rule for keys
     * @throws io.agentrun.error.NotFoundException if the owner has no run under the key, or it was purged; its id is the key
     */
    Run getByKey(Owner owner, String idempotencyKey);

    /**
     * Returns one page of runs, newest first, then by id from high to low.
     *
     * @throws io.agentrun.error.InvalidInputException if the query is null, its limit is over the store's
     *     {@code maxPage}, or its cursor is not one that this list gave
     */
    Page<Run> list(RunQuery query);

    /**
     * Returns one page of the runs of a queue task, the attempts that the store has begun for it: oldest first, then by id. Attempts
     * that the host runs by itself have no run, and runs that were purged are left out.
     *
     * @param cursor the {@code nextCursor} of the page before; null for the first page
     * @param limit the most runs in the page, 1 to the store's {@code maxPage}
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, the limit is out of its bounds, or the
     *     cursor is not one that the list of this task gave
     * @throws io.agentrun.error.NotFoundException if there is no such task
     */
    Page<Run> listByTask(String taskId, @Nullable String cursor, int limit);

    /**
     * Ends the run as its runner reports; the epoch stays. The outcome is taken as it is, also after a cancel was asked
     * for. A thread id goes to the session if this is its active run, with a {@code session-updated} event before. A run
     * that has ended already is returned as stored and nothing changes, whatever this result says; so a retry by the same
     * holder gets the record of the first call.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold: another epoch has begun, or the lease
     *     is another runner's. An expired lease whose epoch still stands does hold
     */
    Run finish(Fence fence, TurnResult result);

    /**
     * Ends an acknowledged turn as its runner reports, and the run with it if the run has no other open turn: all of it in one
     * step, so that no turn that was put into the run meanwhile is lost.
     *
     * <ul>
     *   <li>With another open turn in the run, the turn ends as {@link CommandStore#finish} ends it, the run goes on, and the answer
     *       has that turn, the one that is the first in the order of the session.
     *   <li>Without one, or if a cancel of the run was asked for, the run ends as {@link #finish} ends it, with the same outcome.
     * </ul>
     *
     * <p>A turn that has ended stays as it is, and a run that has ended in this epoch too: a second call returns both as stored. A
     * turn that the host has ended meanwhile ends its run all the same, with the outcome given here, if no other turn is open.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null or the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such run, or no such command in it
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.StateConflictException if the command is no turn, or is pending: acknowledge it first
     */
    FinishedTurn finishTurn(Fence fence, String commandId, TurnResult result);

    /**
     * Ends a pending run without a runner, for a host that could not start one; the epoch moves on. A run that has ended
     * already is returned as stored and nothing changes.
     *
     * <p>With {@link Outcome#unclaimed} it says that nobody will claim the run: then the task's attempt is not spent, and the task goes
     * on as {@link LeaseStore#endUnclaimed} says.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids or the outcome is null
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.LeaseConflictException if a runner holds the run, its lease expired or not (retryable)
     * @throws io.agentrun.error.StateConflictException if the outcome is unclaimed, the run was claimed before, and it has no
     *     {@code claimLimit}: a turn of it may have been begun
     */
    Run finishUnclaimed(String runId, Outcome outcome);

    /**
     * Cancels the run, or asks its runner to.
     *
     * <p>A pending run ends as cancelled at once. A run that a runner holds gets, with {@link CancelMode#GRACEFUL}, a
     * cancel request (event {@code {phase: "cancel-requested", reason}}) that the runner sees with its next heartbeat or
     * {@code await}; the run ends when the runner finishes or releases it, or by recovery when the lease has run out. With
     * {@link CancelMode#FORCE} it ends at once and the epoch moves on, so that the runner can write nothing more. A run
     * that ends here has the events {@code command-terminal} for its open commands, {@code cancel-requested} unless asked
     * before, and {@code terminal_status}.
     *
     * <p>A second graceful call changes nothing: the first request and its reason stay. A run that has ended is returned
     * as stored.
     *
     * @param reason for people, 0 to 16384 characters; it becomes the message of the outcome
     * @return the run: ended, or with the cancel request
     * @throws io.agentrun.error.InvalidInputException if the id or the reason break their rules, or the mode is null
     * @throws io.agentrun.error.NotFoundException if there is no such run
     */
    Run cancel(String runId, String reason, CancelMode mode);

    /** Does what {@link #cancel(String, String, CancelMode)} does with {@link CancelMode#GRACEFUL}. */
    default Run cancel(String runId, String reason) {
        return cancel(runId, reason, CancelMode.GRACEFUL);
    }

    /**
     * Deletes runs that ended at least the given time ago, oldest first and at most as many as the request allows, with
     * their events, commands, runner jobs and idempotency keys. A session's active or last run stays, and so does the run of the
     * latest attempt of a task that has not ended; the runs of its earlier attempts go. Sessions and tasks themselves stay. A
     * second call deletes the next ones.
     *
     * @throws io.agentrun.error.InvalidInputException if the request is null
     */
    PurgeResult purge(PurgeRequest request);
}
