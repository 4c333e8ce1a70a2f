package io.agentrun.rules;

import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a run: created, ended by its runner, ended by the host, cancelled, purged.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class RunRules {

    private RunRules() {}

    /**
     * Returns a pending run, with its session created or touched (R-1, S-1).
     *
     * @param session the session that the input names, as stored; {@code null} if it names none or the store has none
     * @param taskId the queue task that this run is an attempt of, if any
     * @throws io.agentrun.error.TenantPolicyException if the session is another owner's
     * @throws io.agentrun.storage.SessionStorageException if its storage is evicting, evicted or missing
     */
    public static Change create(
            NewRun input, @Nullable Session session, String runId, @Nullable String taskId, Instant now) {
        return dispatched(input, session, runId, taskId, null, now);
    }

    /**
     * Returns what {@link #create} returns, with a run that must be claimed within the time (L-10).
     *
     * @param claimWithin {@code null} for any
     */
    static Change dispatched(
            NewRun input,
            @Nullable Session session,
            String runId,
            @Nullable String taskId,
            @Nullable Duration claimWithin,
            Instant now) {
        Change.Builder change = Change.builder();
        String sessionId = null;
        if (input.session() != null) {
            sessionId = input.session().sessionId();
            if (session == null) {
                Session opened = SessionRules.open(
                        input.session(), input.owner(), input.spec().backendProfile(), now);
                change.create(SessionRules.runCreated(opened, runId, now));
            } else {
                change.put(SessionRules.runCreated(SessionRules.usable(session, input.owner()), runId, now));
            }
        }
        Run run = Run.builder(runId, input.owner(), input.spec())
                .sessionId(sessionId)
                .taskId(taskId)
                .status(RunStatus.PENDING)
                .claim(RunClaim.none(input.maxAttempts()))
                .claimLimit(claimWithin == null ? null : ClaimLimit.of(claimWithin, now))
                .idempotency(Keys.of(input.idempotencyKey(), input::contentHash))
                .createdAt(now)
                .updatedAt(now)
                .deadlines(DeadlineRules.ofRun(input.deadlines(), now))
                .build();
        return change.create(run).emit(StreamEvents.runCreated(run)).build();
    }

    /**
     * Returns the run ended as its lease holder reports; empty if it had ended before.
     *
     * @throws LeaseConflictException if the fence does not hold
     */
    public static Change finish(RunView view, Fence fence, TurnResult result, Instant now) {
        LeaseRules.requireHolder(view.run(), fence);
        if (view.run().isTerminal()) {
            return Change.none();
        }
        return end(view, result, Ending.KEEP_EPOCH, now);
    }

    /**
     * Returns a pending or waiting run ended by the host, as when its runner could not be started; empty if it had ended before.
     *
     * @throws LeaseConflictException if a runner holds the run
     * @throws StateConflictException if the outcome says that nobody claimed the run, and it may have been begun (L-10)
     */
    public static Change finishUnclaimed(RunView view, Outcome outcome, Instant now) {
        RunHead run = view.run();
        if (run.isTerminal()) {
            return Change.none();
        }
        if (run.status().leased()) {
            throw LeaseConflictException.held(run.id());
        }
        boolean unclaimed =
                outcome.status() == TerminalStatus.CANCELLED && FailureKind.UNCLAIMED.equals(outcome.failureKind());
        if (unclaimed && !LeaseRules.neverBegun(run)) {
            throw new StateConflictException("run", run.id(), run.status().wire(), "it may have been begun", false);
        }
        return end(view, TurnResult.of(outcome), unclaimed ? Ending.UNCLAIMED : Ending.NEW_EPOCH, now);
    }

    /** Returns the run cancelled, or asked of its runner to cancel; empty if it had ended or been asked before. */
    public static Change cancel(RunView view, String reason, CancelMode mode, Instant now) {
        RunHead run = view.run();
        if (run.isTerminal()) {
            return Change.none();
        }
        boolean atOnce = switch (mode) {
            case FORCE -> true;
            case GRACEFUL -> !run.status().leased();
        };
        if (atOnce) {
            return end(view, TurnResult.of(Outcome.cancelled(reason)), Ending.CANCELLED_BY_HOST, now);
        }
        if (run.cancelRequest() != null) {
            return Change.none();
        }
        RunHead asked = run.toBuilder()
                .cancelRequest(new CancelRequest(reason, now))
                .updatedAt(now)
                .build();
        return Change.builder()
                .put(asked)
                .emit(StreamEvents.cancelRequested(run.id(), reason))
                .build();
    }

    /**
     * Returns whether a purge of runs that ended at or before the given time deletes this run: never its session's active
     * or last run, nor the run of the latest attempt of a task that has not ended.
     */
    public static boolean purgeable(
            RunHead run, @Nullable Session session, @Nullable QueueTask task, Instant endedUntil) {
        if (!run.isTerminal() || run.updatedAt().isAfter(endedUntil)) {
            return false;
        }
        if (session != null
                && (run.id().equals(session.activity().activeRunId())
                        || run.id().equals(session.activity().lastRunId()))) {
            return false;
        }
        TaskAttempt latest = task == null ? null : task.latestAttempt();
        boolean isLatest = latest != null && run.id().equals(latest.runId());
        return task == null || task.state().terminal() || !isLatest;
    }

    /**
     * Refuses a run that has ended.
     *
     * @throws AlreadyTerminalException if it has
     */
    public static void requireOpen(RunHead run) {
        Outcome outcome = run.outcome();
        if (outcome != null) {
            throw new AlreadyTerminalException("run", run.id(), run.status().wire(), outcome.failureKind());
        }
    }

    /** What an end does to the epoch, and what it says first. */
    enum Ending {
        /** The holder's own end: its retry still gets the stored record. */
        KEEP_EPOCH,
        /** Somebody else's end: the fence keeps a late runner out. */
        NEW_EPOCH,
        /** As {@link #NEW_EPOCH}, and the task's attempt is not spent. */
        UNCLAIMED,
        /** As {@link #NEW_EPOCH}, and the stream says that the host asked for it. */
        CANCELLED_BY_HOST
    }

    /** Returns the run and all that hangs on it ended in one step. */
    static Change end(RunView view, TurnResult result, Ending ending, Instant now) {
        RunHead run = view.run();
        Outcome outcome =
                ending == Ending.CANCELLED_BY_HOST ? result.outcome() : DeadlineRules.ofRun(run, result.outcome());
        Change.Builder change = Change.builder();
        Session session = view.session();
        if (session != null && run.id().equals(session.activity().activeRunId())) {
            Session next = session;
            if (result.threadId() != null) {
                next = SessionRules.withThread(next, result);
                change.emit(StreamEvents.sessionUpdated(run.id(), session.id(), result));
            }
            change.put(SessionRules.turnEnded(next, view.nextTurn(), outcome, now));
            if (view.nextTurn() != null) {
                change.put(CommandRules.promoted(view.nextTurn(), now));
            }
        }
        QuestionRules.runEnded(view.questions(), change, now);
        for (CommandHead command : view.openCommands()) {
            Outcome share = command.state() == CommandState.ACKNOWLEDGED || outcome.status() == TerminalStatus.CANCELLED
                    ? outcome
                    : Outcome.cancelled("its run ended");
            CommandHead ended = CommandRules.ended(command, share, now);
            change.put(ended).emit(StreamEvents.commandTerminal(ended, TurnResult.of(share)));
        }
        CancelRequest request = run.cancelRequest();
        if (ending == Ending.CANCELLED_BY_HOST && request == null) {
            String reason = outcome.message() == null ? "" : outcome.message();
            request = new CancelRequest(reason, now);
            change.emit(StreamEvents.cancelRequested(run.id(), reason));
        }
        change.emit(StreamEvents.terminalStatus(run.id(), outcome));
        boolean keeps = ending == Ending.KEEP_EPOCH;
        change.put(run.toBuilder()
                .status(RunStatus.of(outcome.status()))
                .outcome(outcome)
                .epoch(
                        new RunClaim(
                                keeps ? run.epoch() : run.epoch() + 1,
                                run.claim().generation(),
                                null,
                                run.claim().attempts()),
                        keeps ? run.guard() : RunGuard.NONE)
                .claimLimit(run.claimLimit() == null ? null : run.claimLimit().stopped())
                .cancelRequest(request)
                .openQuestions(0)
                .updatedAt(now)
                .build());
        if (run.taskId() != null) {
            change.free(run.id());
        }
        if (view.task() != null && QueueRules.isAttempt(view.task(), run)) {
            change.put(
                    ending == Ending.UNCLAIMED
                            ? QueueRules.runUnclaimed(view.task(), run, outcome, now)
                            : QueueRules.runEnded(view.task(), run, outcome, now));
        }
        return change.build();
    }

    /**
     * Makes the run's acknowledged commands pending again, for its next holder (L-5). What was for a turn that has ended
     * since is cancelled: nothing is left that the next holder could do with it (C-8).
     */
    static void requeue(RunView view, Change.Builder change, Instant now) {
        for (CommandHead command : view.openCommands()) {
            if (command.state() == CommandState.ACKNOWLEDGED) {
                String target = command.order().targetCommandId();
                if (target == null || isOpen(view, target)) {
                    change.put(CommandRules.pendingAgain(command, now));
                } else {
                    CommandRules.drop(command, change, now);
                }
            }
        }
    }

    private static boolean isOpen(RunView view, String commandId) {
        for (CommandHead command : view.openCommands()) {
            if (command.id().equals(commandId)) {
                return true;
            }
        }
        return false;
    }

    static boolean isTurn(CommandHead command) {
        return command.type() == CommandType.TURN;
    }
}
