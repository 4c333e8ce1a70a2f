package io.agentrun.rules;

import io.agentrun.command.Command;
import io.agentrun.command.Resumed;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.Reason;
import io.agentrun.inspect.SubjectKind;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.limit.LimitRules.Need;
import io.agentrun.run.Lease;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.storage.SessionStorageException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a record does not move, by the same rules that move it.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class ExplainRules {

    private ExplainRules() {}

    /** Explains a task as {@link #task(QueueTask, Session, Need, Instant)} does where no limit of it is full. */
    public static Explanation task(QueueTask task, @Nullable Session session, Instant now) {
        return task(task, session, null, now);
    }

    /**
     * Explains a task that has ended, waits, or is at work without a run that can be read.
     *
     * @param session the session that the task names, as stored; null if it names none or the store has none
     * @param full a limit that counts the task and is full; null if none is
     */
    public static Explanation task(QueueTask task, @Nullable Session session, @Nullable Need full, Instant now) {
        return of(task, reason(task, session, full, now));
    }

    /** Explains a running task by its run. */
    public static Explanation task(QueueTask task, Explanation run) {
        return of(task, new Reason.With(run));
    }

    private static Explanation of(QueueTask task, Reason reason) {
        return new Explanation(SubjectKind.TASK, task.id(), task.state().wire(), task.updatedAt(), reason);
    }

    private static Reason reason(QueueTask task, @Nullable Session session, @Nullable Need full, Instant now) {
        return switch (task.state()) {
            case COMPLETED, FAILED, BLOCKED, CANCELLED -> new Reason.Ended(task.outcome());
            case RUNNING -> {
                TaskAttempt attempt = task.latestAttempt();
                yield new Reason.Reported(attempt == null ? null : attempt.attemptId(), task.cancelRequest());
            }
            case PENDING -> waiting(task, session, full, now);
        };
    }

    private static Reason waiting(QueueTask task, @Nullable Session session, @Nullable Need full, Instant now) {
        Instant notBefore = task.notBefore();
        Instant deadline = DeadlineRules.nextAt(task);
        if (deadline != null && !deadline.isAfter(now)) {
            return new Reason.Overdue(deadline);
        }
        if (notBefore != null && !QueueRules.due(task, now)) {
            return new Reason.Delayed(notBefore);
        }
        if (session != null) {
            Reason behind = behindActive(session);
            if (behind != null) {
                return behind;
            }
            try {
                SessionRules.usable(session, task.owner());
            } catch (TenantPolicyException | SessionStorageException refusal) {
                return refused(session, refusal);
            }
        }
        if (full != null) {
            return new Reason.LimitFull(full.limit(), full.value());
        }
        return new Reason.Due(task.place().queue(), task.spec().backendProfile());
    }

    private static Reason refused(Session session, AgentRunException refusal) {
        return new Reason.Refused(session.id(), refusal.failureKind());
    }

    private static Reason.@Nullable BehindTurn behindActive(Session session) {
        SessionActivity activity = session.activity();
        String runId = activity.activeRunId();
        String commandId = activity.activeCommandId();
        return runId == null || commandId == null ? null : new Reason.BehindTurn(runId, commandId);
    }

    /**
     * Explains a run.
     *
     * @param spec what it needs
     * @param openCommands its pending and acknowledged commands, by number
     * @param session its session, if it has one
     * @param full a limit that counts its task and is full, if the run has no slots; null if none is
     * @param maxStarts how many starts may come to nothing in a row
     */
    public static Explanation run(
            RunHead run,
            RunSpec spec,
            List<CommandHead> openCommands,
            @Nullable Session session,
            @Nullable Need full,
            int maxStarts,
            Instant now) {
        Lease lease = run.claim().lease();
        Instant since = run.updatedAt();
        Reason reason;
        if (run.isTerminal()) {
            reason = new Reason.Ended(run.outcome());
        } else if (run.status() == RunStatus.WAITING) {
            reason = new Reason.Parked(waitsFor(openCommands));
        } else if (lease == null) {
            reason = unclaimed(run, spec, openCommands, session);
            if (full != null && reason instanceof Reason.Unclaimed) {
                reason = new Reason.LimitFull(full.limit(), full.value());
            }
        } else if (lease.aliveAt(now)) {
            reason = new Reason.Held(lease.runnerId(), lease.expiresAt(), run.cancelRequest());
        } else {
            reason = new Reason.LeaseOver(
                    lease.runnerId(), lease.expiresAt(), LeaseRules.recovery(run, openCommands, maxStarts));
        }
        return new Explanation(SubjectKind.RUN, run.id(), run.status().wire(), since, reason);
    }

    private static List<String> waitsFor(List<CommandHead> openCommands) {
        for (CommandHead command : openCommands) {
            Resumed resumed = command.resumed();
            if (resumed != null && !resumed.waitsFor().isEmpty()) {
                return resumed.waitsFor();
            }
        }
        return List.of();
    }

    private static Reason unclaimed(
            RunHead run, RunSpec spec, List<CommandHead> openCommands, @Nullable Session session) {
        Reason behind = session == null || LeaseRules.claimable(run, openCommands) ? null : behindActive(session);
        return behind == null
                ? new Reason.Unclaimed(
                        spec.backendProfile(), spec.providerId(), LeaseRules.unclaimedAt(run, openCommands))
                : behind;
    }

    /**
     * Explains a command.
     *
     * @param openCommands the pending and acknowledged commands of its run, by number
     * @param session the session of its run, if it has one
     * @param run the explanation of its run
     */
    public static Explanation command(
            Command command, List<CommandHead> openCommands, @Nullable Session session, Explanation run) {
        return new Explanation(
                SubjectKind.COMMAND,
                command.id(),
                command.state().wire(),
                command.times().updatedAt(),
                reason(command, openCommands, session, run));
    }

    private static Reason reason(
            Command command, List<CommandHead> openCommands, @Nullable Session session, Explanation run) {
        if (command.state().terminal()) {
            return new Reason.Ended(command.outcome());
        }
        if (!command.order().deliverable()) {
            Reason behind = session == null ? behindEarlier(command, openCommands) : behindActive(session);
            if (behind != null) {
                return behind;
            }
        }
        return new Reason.With(run);
    }

    private static @Nullable Reason behindEarlier(Command command, List<CommandHead> openCommands) {
        for (CommandHead other : openCommands) {
            if (RunRules.isTurn(other)
                    && other.order().ordinal() < command.order().ordinal()) {
                return new Reason.BehindTurn(other.runId(), other.id());
            }
        }
        return null;
    }

    /** Explains a session by its active turn. */
    public static Explanation session(Session session, Explanation activeTurn) {
        return of(session, new Reason.With(activeTurn));
    }

    /** Explains a session without an active turn that can be read. */
    public static Explanation session(Session session) {
        return of(
                session,
                session.storage().state().refusesWork()
                        ? new Reason.VolumeGone(session.storage().state())
                        : new Reason.Idle());
    }

    private static Explanation of(Session session, Reason reason) {
        return new Explanation(
                SubjectKind.SESSION, session.id(), session.activity().state().wire(), session.updatedAt(), reason);
    }
}
