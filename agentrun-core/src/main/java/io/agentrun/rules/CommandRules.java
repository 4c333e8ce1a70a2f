package io.agentrun.rules;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a command: created, delivered, acknowledged, finished, cancelled; and of the turn behind it.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class CommandRules {

    private static final String OVERTAKEN = "interrupted by a newer turn";
    private static final String TURN_ENDED = "its turn ended";

    private CommandRules() {}

    /**
     * Returns a pending command; a turn becomes the session's active turn, or waits behind it (C-1 to C-5).
     *
     * @param commandId the id of the new command
     * @param interruptId the id of the interrupt that {@link OnBusy#INTERRUPT} may add for the active turn
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     * @throws io.agentrun.storage.SessionStorageException if it is a turn and the session's storage is evicting, evicted or
     *     missing
     * @throws SessionBusyException if it is a turn with {@link OnBusy#REJECT} and another is active
     * @throws StateConflictException if the run was asked to cancel, or if a steer or interrupt finds no active turn in
     *     its run, or not the one that it expects
     */
    public static Change create(TurnLane lane, NewCommand input, String commandId, String interruptId, Instant now) {
        RunHead run = lane.run();
        RunRules.requireOpen(run);
        if (run.cancelRequest() != null) {
            throw new StateConflictException("run", run.id(), "cancel-requested", "it was asked to cancel", false);
        }
        return input.type().boundToTurn()
                ? forActiveTurn(lane, input, commandId, now)
                : turn(lane, input, commandId, interruptId, now);
    }

    private static Change turn(TurnLane lane, NewCommand input, String commandId, String interruptId, Instant now) {
        Session session = lane.session();
        if (session != null) {
            StorageRules.requireUsable(session);
        }
        CommandView active = lane.active();
        if (active == null) {
            Command turn = created(lane, input, lane.nextSeq(), commandId, true, null, now);
            Change.Builder change = Change.builder().create(turn);
            if (session != null) {
                change.put(SessionRules.turnStarted(session, turn, now));
            }
            return change.emit(StreamEvents.commandCreated(turn)).build();
        }
        return switch (input.onBusy()) {
            case ENQUEUE -> enqueued(lane, session, lane.nextSeq(), false, input, commandId, now);
            case REJECT ->
                throw new SessionBusyException(
                        session == null ? null : session.id(), active.command().id());
            case INTERRUPT -> overtaking(lane, active, input, commandId, interruptId, now);
        };
    }

    private static Change overtaking(
            TurnLane lane, CommandView active, NewCommand input, String commandId, String interruptId, Instant now) {
        if (active.command().state() == CommandState.PENDING) {
            Change cancelled = overtaken(lane, active, now);
            Session session = lane.session();
            if (session != null) {
                session = cancelled.session(session.id()).orElse(session);
            }
            boolean first = active.nextTurn() == null;
            return Change.builder()
                    .then(cancelled)
                    .then(enqueued(lane, session, lane.nextSeq(), first, input, commandId, now))
                    .build();
        }
        Change.Builder change = Change.builder();
        long seq = lane.nextSeq();
        // A run that was asked to cancel takes no command, and its runner is told to stop already (C-1).
        boolean alreadyAsked = active.run().cancelRequest() != null
                || active.openCommands().stream()
                        .anyMatch(command -> command.type() == CommandType.INTERRUPT
                                && active.command().id().equals(command.order().targetCommandId()));
        if (!alreadyAsked) {
            Command interrupt = new Command(
                    interruptId,
                    active.run().id(),
                    active.nextSeq(),
                    CommandType.INTERRUPT,
                    JsonObject.empty(),
                    CommandState.PENDING,
                    null,
                    new CommandOrder(0, true, active.command().id()),
                    null,
                    new CommandTimes(now, now, null));
            change.create(interrupt).emit(StreamEvents.commandCreated(interrupt));
            if (active.run().id().equals(lane.run().id())) {
                seq++;
            }
        }
        return change.then(enqueued(lane, lane.session(), seq, false, input, commandId, now))
                .build();
    }

    /** Ends the active turn that nobody works on; and its run with it, if that is parked, another run, and has no other turn. */
    private static Change overtaken(TurnLane lane, CommandView active, Instant now) {
        RunHead run = active.run();
        TurnResult result = TurnResult.of(Outcome.cancelled(OVERTAKEN));
        boolean goesOn = run.status() != RunStatus.WAITING
                || run.id().equals(lane.run().id())
                || otherTurn(active.openCommands(), active.command()) != null;
        return goesOn
                ? end(active, result, now)
                : RunRules.end(active.ofRun(lane.activeTask()), result, RunRules.Ending.NEW_EPOCH, now);
    }

    private static Change enqueued(
            TurnLane lane,
            @Nullable Session session,
            long seq,
            boolean deliverable,
            NewCommand input,
            String commandId,
            Instant now) {
        TurnLane present = new TurnLane(lane.run(), session, lane.nextSeq(), lane.active(), null);
        Command turn = created(present, input, seq, commandId, deliverable, null, now);
        Change.Builder change = Change.builder().create(turn);
        if (session != null) {
            change.put(
                    deliverable
                            ? SessionRules.turnStarted(session, turn, now)
                            : SessionRules.turnEnqueued(session, turn, now));
        }
        return change.emit(StreamEvents.commandCreated(turn)).build();
    }

    private static Change forActiveTurn(TurnLane lane, NewCommand input, String commandId, Instant now) {
        CommandView active = lane.active();
        RunHead run = lane.run();
        if (active == null || !active.run().id().equals(run.id())) {
            throw new StateConflictException("run", run.id(), run.status().wire(), "it has no active turn", false);
        }
        String turnId = active.command().id();
        if (input.expectedCommandId() != null && !input.expectedCommandId().equals(turnId)) {
            throw new StateConflictException(
                    "command", input.expectedCommandId(), "inactive", "it is not the active turn", false);
        }
        Command command = created(lane, input, lane.nextSeq(), commandId, true, turnId, now);
        return Change.builder()
                .create(command)
                .emit(StreamEvents.commandCreated(command))
                .build();
    }

    private static Command created(
            TurnLane lane,
            NewCommand input,
            long seq,
            String commandId,
            boolean deliverable,
            @Nullable String target,
            Instant now) {
        long ordinal = 0;
        if (input.type() == CommandType.TURN) {
            Session session = lane.session();
            ordinal = session == null ? seq : session.activity().turns() + 1;
        }
        return new Command(
                commandId,
                lane.run().id(),
                seq,
                input.type(),
                input.payload(),
                CommandState.PENDING,
                null,
                new CommandOrder(ordinal, deliverable, target),
                Keys.of(input.idempotencyKey(), input::contentHash),
                new CommandTimes(now, now, null));
    }

    /**
     * Returns the command acknowledged, and the run running if it is its first turn; empty if it was acknowledged or has
     * ended (C-6).
     *
     * @throws NotFoundException if the command is another run's
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws StateConflictException if it is a turn that waits behind another (retryable)
     */
    public static Change acknowledge(CommandHead command, RunHead run, Fence fence, Instant now) {
        requireOwn(command, run, fence);
        if (command.state() != CommandState.PENDING) {
            return Change.none();
        }
        requireDeliverable(command);
        Change.Builder change = Change.builder()
                .put(command.toBuilder()
                        .state(CommandState.ACKNOWLEDGED)
                        .times(new CommandTimes(command.times().createdAt(), now, now))
                        .build());
        if (RunRules.isTurn(command) && run.status() == RunStatus.CLAIMED) {
            RunClaim claim = run.claim();
            // From here on a lost runner costs an attempt, so that the starts count anew; and the run never
            // ends because nobody claims it (L-10).
            change.put(run.toBuilder()
                    .status(RunStatus.RUNNING)
                    .claim(new RunClaim(
                            claim.epoch(),
                            claim.generation(),
                            claim.lease(),
                            claim.attempts().withStarts(0)))
                    .claimLimit(null)
                    .updatedAt(now)
                    .build());
        }
        return change.build();
    }

    /**
     * Returns the command ended as its runner reports, and the next turn made active; empty if it had ended (C-7, C-8).
     *
     * @throws NotFoundException if the command is another run's
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws StateConflictException if it was not acknowledged
     */
    public static Change finish(CommandView view, Fence fence, TurnResult result, Instant now) {
        CommandHead command = view.command();
        requireOwn(command, view.run(), fence);
        if (command.state().terminal()) {
            return Change.none();
        }
        if (command.state() == CommandState.PENDING) {
            throw new StateConflictException(
                    "command", command.id(), command.state().wire(), "acknowledge it first", false);
        }
        return end(view, result, now);
    }

    /**
     * Returns the turn ended as its runner reports; and the run with it, unless another of its turns is open and no cancel was asked for
     * . Empty if the run had ended, or the turn had and another one is open.
     *
     * @throws NotFoundException if the command is another run's
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws StateConflictException if it is no turn, or was not acknowledged
     */
    public static Change finishTurn(RunView view, CommandHead turn, Fence fence, TurnResult result, Instant now) {
        RunHead run = view.run();
        requireOwn(turn, run, fence);
        if (!RunRules.isTurn(turn)) {
            throw new StateConflictException("command", turn.id(), turn.type().wire(), "it is not a turn", false);
        }
        if (run.isTerminal()) {
            return Change.none();
        }
        if (turn.state() == CommandState.PENDING) {
            throw new StateConflictException("command", turn.id(), turn.state().wire(), "acknowledge it first", false);
        }
        CommandHead other = otherTurn(view.openCommands(), turn);
        if (other == null || run.cancelRequest() != null) {
            return RunRules.end(view, result, RunRules.Ending.KEEP_EPOCH, now);
        }
        if (turn.state().terminal()) {
            return Change.none();
        }
        CommandHead elsewhere = view.nextTurn();
        CommandHead next =
                elsewhere != null && elsewhere.order().ordinal() < other.order().ordinal() ? elsewhere : other;
        CommandView ending =
                new CommandView(turn, run, view.openCommands(), view.session(), next, turn.seq() + 1, view.questions());
        return end(ending, result, now);
    }

    /** Returns the first open turn of the run beside this one, which may be none; or null. */
    public static @Nullable CommandHead otherTurn(List<CommandHead> open, @Nullable CommandHead turn) {
        CommandHead first = null;
        for (CommandHead command : open) {
            if (RunRules.isTurn(command)
                    && (turn == null || !command.id().equals(turn.id()))
                    && (first == null
                            || command.order().ordinal() < first.order().ordinal())) {
                first = command;
            }
        }
        return first;
    }

    /** Returns the command cancelled by the host, and the next turn made active; empty if it had ended (C-9). */
    public static Change cancel(CommandView view, String reason, Instant now) {
        if (view.command().state().terminal()) {
            return Change.none();
        }
        return end(view, TurnResult.of(Outcome.cancelled(reason)), now);
    }

    private static Change end(CommandView view, TurnResult result, Instant now) {
        CommandHead command = view.command();
        CommandHead ended = ended(command, result.outcome(), now);
        Change.Builder change = Change.builder().put(ended);
        if (!RunRules.isTurn(command)) {
            return change.emit(StreamEvents.commandTerminal(ended, result)).build();
        }
        boolean active = command.order().deliverable();
        Session session = view.session();
        if (session != null && active) {
            Session next = session;
            if (result.threadId() != null) {
                next = SessionRules.withThread(next, result);
                change.emit(StreamEvents.sessionUpdated(command.runId(), session.id(), result));
            }
            change.put(SessionRules.turnEnded(next, view.nextTurn(), result.outcome(), now));
        }
        RunHead run = QuestionRules.turnEnded(view.run(), command, view.questions(), change, now);
        if (!run.equals(view.run())) {
            change.put(run);
        }
        change.emit(StreamEvents.commandTerminal(ended, result));
        for (CommandHead other : view.openCommands()) {
            if (other.state() == CommandState.PENDING
                    && command.id().equals(other.order().targetCommandId())) {
                drop(other, change, now);
            }
        }
        if (active && view.nextTurn() != null) {
            change.put(promoted(view.nextTurn(), now));
        }
        return change.build();
    }

    private static void requireOwn(CommandHead command, RunHead run, Fence fence) {
        if (!command.runId().equals(fence.runId())) {
            throw new NotFoundException("command", command.id());
        }
        LeaseRules.requireHolder(run, fence);
    }

    private static void requireDeliverable(CommandHead command) {
        if (!command.order().deliverable()) {
            throw new StateConflictException(
                    "command", command.id(), command.state().wire(), "it waits behind the session's active turn", true);
        }
    }

    static CommandHead ended(CommandHead command, Outcome outcome, Instant now) {
        return command.toBuilder()
                .state(stateOf(outcome.status()))
                .outcome(outcome)
                .times(new CommandTimes(
                        command.times().createdAt(), now, command.times().acknowledgedAt()))
                .resumed(command.resumed() == null ? null : command.resumed().settled())
                .build();
    }

    /** Cancels what was for a turn that has ended. */
    static void drop(CommandHead command, Change.Builder change, Instant now) {
        Outcome outcome = Outcome.cancelled(TURN_ENDED);
        CommandHead dropped = ended(command, outcome, now);
        change.put(dropped).emit(StreamEvents.commandTerminal(dropped, TurnResult.of(outcome)));
    }

    static CommandHead pendingAgain(CommandHead command, Instant now) {
        return command.toBuilder()
                .state(CommandState.PENDING)
                .times(new CommandTimes(command.times().createdAt(), now, null))
                .build();
    }

    static CommandHead promoted(CommandHead turn, Instant now) {
        CommandOrder order = turn.order();
        return turn.toBuilder()
                .order(new CommandOrder(order.ordinal(), true, order.targetCommandId()))
                .times(new CommandTimes(
                        turn.times().createdAt(), now, turn.times().acknowledgedAt()))
                .build();
    }

    private static CommandState stateOf(TerminalStatus status) {
        return switch (status) {
            case COMPLETED -> CommandState.COMPLETED;
            case CANCELLED -> CommandState.CANCELLED;
            case FAILED, BLOCKED -> CommandState.FAILED;
        };
    }
}
