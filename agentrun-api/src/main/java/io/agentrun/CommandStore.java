package io.agentrun;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.NewCommand;
import io.agentrun.command.SeenCommands;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Puts commands into runs, hands them to the runner, and ends them.
 *
 * <p>A session has one active turn (a run without a session likewise): the open turn with the lowest ordinal. It alone is
 * deliverable; turns behind it wait, in this run or in other runs of the session, shown by {@link #list} and not handed
 * out. When the active turn ends, the next one becomes active in the same change, and the session with it; without a next
 * one the session is {@code terminal}. Steers and interrupts are for the active turn of their own run; those still pending
 * when it ends are cancelled with it, acknowledged ones stay open. A finished turn never ends its run.
 *
 * <p>The end of a command writes the event {@code backend_status} {@code {phase: "command-terminal", commandId, state,
 * terminalStatus, failureKind, message, threadId, turnId}}.
 *
 * <p>What every operation checks first, and what each may throw besides, says {@link io.agentrun.AgentRunStore}.
 *
 * <p>Thread-safe.
 */
public interface CommandStore {

    /**
     * Creates a pending command with the run's next number, and the event {@code backend_status} {@code {phase:
     * "command-created", commandId, commandType, deliverable}}.
     *
     * <p>A turn becomes the active turn if no other is open, and its session is {@code running} with it (a session without
     * a title takes the first 80 characters of the payload's {@code prompt}); otherwise {@link io.agentrun.command.OnBusy} decides. With
     * {@code INTERRUPT} an active turn that is pending is cancelled ("interrupted by a newer turn"), and for one that a
     * runner has, an interrupt is created in its run unless one is open; the new turn takes its place in the order. A
     * steer or interrupt is for the active turn of this very run.
     *
     * <p>With an idempotency key that is known in the run, the first command is returned, also when it or the run has
     * ended since, and nothing is changed; callers at the same moment get the same command.
     *
     * @return the new command, or the first one of the key
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, the input is null, or its payload
     *     is over the store's {@code maxPayloadBytes}
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.IdempotencyConflictException if the key is known with other content
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws io.agentrun.error.StateConflictException if a cancel of the run was asked for; if a steer or interrupt finds
     *     no active turn in this run, or another than the expected one
     * @throws io.agentrun.storage.SessionStorageException if it is a turn and the session's storage is evicting, evicted or
     *     missing
     * @throws io.agentrun.error.SessionBusyException if it is a turn with {@code REJECT} and another is open (retryable)
     */
    Command create(String runId, NewCommand input);

    /**
     * Returns the command as it is now.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such command, or its run was purged
     */
    Command get(String commandId);

    /**
     * Returns the run's commands whose number is greater than the given one, by number, in whatever state, the waiting
     * ones too.
     *
     * @param afterSeq 0 for the first page, then {@code nextAfterSeq} of the page before
     * @param limit the most commands in the page, 1 to the store's {@code maxPage} (500 unless set otherwise); a page ends
     *     sooner when its payloads would have more than 8 MiB together, and has one command at least if there is one
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, {@code afterSeq} is negative, or
     *     the limit is out of range
     * @throws io.agentrun.error.NotFoundException if there is no such run
     */
    CommandPage list(String runId, long afterSeq, int limit);

    /**
     * Returns the run's deliverable pending commands, by number, as soon as there is one, and an empty delivery when the
     * time is over. There is no cursor: a command is handed out again until it is acknowledged. A lease that is over
     * ({@code LEASE_LOST}, {@code ENDED}) and a cancel request are returned at once, without an exception; with
     * {@code CANCEL_REQUESTED} come the commands that there are, perhaps none. A runner that has seen the request has no
     * need to wait again: it keeps its lease with heartbeats until it has finished. Waiting does not extend the lease.
     *
     * <p>Nothing is changed. Closing the store ends the wait with {@code StoreClosedException}; a thread that is
     * interrupted gets what there is and keeps its interrupt flag.
     *
     * @param limit the most commands, 1 to the store's {@code maxPage} (500 unless set otherwise); fewer when their payloads
     *     would have more than 8 MiB together
     * @param timeout how long to wait, up to the store's {@code maxWait} (1 hour unless set otherwise); zero looks once
     * @throws io.agentrun.error.InvalidInputException if the fence is null, the limit or the timeout is out of range, or
     *     the timeout is not zero inside a transaction of the host, where waiting could see nothing new
     * @throws io.agentrun.error.NotFoundException if there is no such run
     */
    CommandDelivery await(Fence fence, int limit, Duration timeout);

    /**
     * Waits for many runs as {@link #await} waits for one, and returns what is new to the caller, by run id, as soon as there is
     * something: pending deliverable commands that it has not seen, at most 100 for each run; a cancel request that it does not know;
     * a lease that is over. A run that is purged is answered by a {@code NotFoundException}, one that cannot be read by a
     * {@code StoreUnavailableException} with {@code CORRUPT}. What is answered is news until the caller puts into the set what it
     * has seen, or removes the run. The map is empty when the time is over or the set was woken.
     *
     * <p>Runs may be put into the set and removed while the call waits. Nothing is changed; closing the store and interrupts: as with
     * {@link #await}. One call for every 1,000 runs holds one thread and, while it waits, no connection.
     *
     * @param waits at most 1,000 runs; none waits for the first to be put in
     * @param timeout how long to wait, up to the store's {@code maxWait} (1 hour unless set otherwise); zero looks once
     * @throws io.agentrun.error.InvalidInputException if the set is null, a fence in it is of another run than it stands for, the
     *     timeout is null or out of range, or not zero inside a transaction of the host
     */
    Map<String, ItemAnswer<CommandDelivery>> awaitAny(WaitSet<SeenCommands> waits, Duration timeout);

    /**
     * Marks a pending command as taken by the runner; the first turn that is acknowledged makes a claimed run
     * {@code running}. No event is written. A command that is acknowledged or has ended is returned as stored and nothing
     * changes, so that a second call is harmless.
     *
     * @throws io.agentrun.error.InvalidInputException if the fence is null or the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such run, or no such command in the fence's run
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.StateConflictException if the command is a turn that waits behind another (retryable)
     */
    Command acknowledge(Fence fence, String commandId);

    /**
     * Does what {@link #acknowledge} does for each of the commands, in one step, and returns an answer for each, in their order:
     * the command, or what {@code acknowledge} would have thrown. A command that is refused stops none of the others. A run that
     * another transaction has locked is waited for a short while, behind the others; if it stays locked, the answer is a retryable
     * {@code StoreUnavailableException}, and nothing is written for it. The answer has the payloads of all the commands: what one take
     * has given is little enough to be acknowledged at once.
     *
     * @param acknowledgements 0 to 1,000
     * @throws io.agentrun.error.InvalidInputException if the list or one of its items is null, or there are more than 1,000
     */
    List<ItemAnswer<Command>> acknowledgeAll(List<Acknowledgement> acknowledgements);

    /**
     * Ends an acknowledged command as the runner reports: {@code completed}, {@code cancelled}, and {@code failed} for a
     * failed or blocked outcome. The end of the active turn cancels the steers and interrupts that are still pending for
     * it, stores a thread id with the session (event {@code session-updated} before), and makes the next turn active. A
     * command that has ended is returned as stored and nothing changes, whatever this result says.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null or the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such run, or no such command in the fence's run
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.StateConflictException if the command is pending: acknowledge it first
     */
    Command finish(Fence fence, String commandId, TurnResult result);

    /**
     * Cancels a command for the host, pending or acknowledged, with all that {@link #finish} does at the end of a command.
     * A turn that waited leaves the session as it is. The runner is not told; for an acknowledged turn an interrupt is the
     * kinder way. A command that has ended is returned as stored and nothing changes.
     *
     * @param reason for people, 0 to 16384 characters; it becomes the message of the outcome
     * @throws io.agentrun.error.InvalidInputException if the id or the reason break their rules
     * @throws io.agentrun.error.NotFoundException if there is no such command
     */
    Command cancel(String commandId, String reason);
}
