package io.agentrun.backend;

import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.QuestionRules;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The read sets out of single locks and reads, for backends that need not save round trips; and how to put them together, for
 * those that do.
 *
 * <p>Thread-safe.
 */
public final class ReadSets {

    private ReadSets() {}

    /** A run with everything that its end touches. Immutable. */
    public record RunEnd(Run run, RunView view) {}

    /** A command with everything that its end touches. Immutable. */
    public record CommandEnd(Command command, CommandView view) {}

    /**
     * A run with everything that its end touches, and one of its turns. Immutable.
     *
     * @param turn the command that was named; null if there is none of this id, in whichever run
     * @param next the first open turn of the run beside it; null if there is none
     */
    public record TurnEnd(
            Run run,
            RunView view,
            @Nullable Command turn,
            @Nullable Command next) {}

    /** What a new command enters, or the command that was created under its key. Immutable. */
    public record Lane(TurnLane lane, @Nullable Command replayed) {}

    /** The session that a new run names, and the run that was created under its key. Immutable. */
    public record NewRunSet(
            @Nullable Session session, @Nullable Run replayed) {}

    /** A session, and whether one of its runs has not ended. Immutable. */
    public record SessionUse(Session session, boolean inUse) {}

    /**
     * What could be locked of a due task. Immutable.
     *
     * @param task the task, null if none is to be had
     * @param session the session that it names, as stored; null where it names none, or there is none yet
     * @param busy whether somebody works on the session just now
     * @param clean whether no lock is left of what was passed over, so that this transaction may go on
     */
    public record DueSet(@Nullable QueueTask task, @Nullable Session session, boolean busy, boolean clean) {}

    static Locked<RunEnd> runEnd(StoreTx tx, String runId) {
        Run known = tx.findRun(runId).orElse(null);
        if (known == null) {
            return new Locked.Missing<>();
        }
        Session session = sessionOf(tx, known.sessionId());
        StoredRun stored = tx.lockRun(runId, LockMode.WAIT).orNull();
        if (stored == null) {
            return new Locked.Missing<>();
        }
        CommandHead next =
                session == null ? null : tx.nextTurn(session.id(), runId, null).orElse(null);
        String taskId = stored.run().taskId();
        QueueTask task =
                taskId == null ? null : tx.lockTask(taskId, LockMode.WAIT).orNull();
        return new Locked.Found<>(new RunEnd(
                stored.run(),
                new RunView(stored.head(), tx.openCommands(runId), session, next, task, questions(tx, stored.head()))));
    }

    /** Returns the open questions of a run that is locked; one that has none is not asked for them. */
    public static List<Question> questions(StoreTx tx, RunHead run) {
        return run.openQuestions() == 0 ? List.of() : tx.openQuestions(run.id());
    }

    static Locked<QuestionRules.View> question(StoreTx tx, String questionId) {
        Question known = tx.findQuestion(questionId).orElse(null);
        StoredRun run =
                known == null ? null : tx.lockRun(known.runId(), LockMode.WAIT).orNull();
        Question question = run == null ? null : tx.findQuestion(questionId).orElse(null);
        return run == null || question == null
                ? new Locked.Missing<>()
                : new Locked.Found<>(new QuestionRules.View(
                        question, run.head(), tx.openCommands(run.run().id()), run.lastCommandSeq() + 1));
    }

    private static @Nullable Session sessionOf(StoreTx tx, @Nullable String sessionId) {
        return sessionId == null
                ? null
                : tx.lockSession(sessionId, LockMode.WAIT).orNull();
    }

    static Locked<CommandEnd> commandEnd(StoreTx tx, String commandId) {
        Command known = tx.findCommand(commandId).orElse(null);
        Run linked = known == null ? null : tx.findRun(known.runId()).orElse(null);
        if (known == null || linked == null) {
            return new Locked.Missing<>();
        }
        Session session = sessionOf(tx, linked.sessionId());
        StoredRun stored = tx.lockRun(linked.id(), LockMode.WAIT).orNull();
        Command command = tx.findCommand(commandId).orElse(null);
        if (stored == null || command == null) {
            return new Locked.Missing<>();
        }
        return new Locked.Found<>(new CommandEnd(command, view(tx, CommandHead.of(command), stored, session)));
    }

    private static CommandView view(StoreTx tx, CommandHead command, StoredRun stored, @Nullable Session session) {
        List<CommandHead> open = tx.openCommands(command.runId());
        CommandHead next = session == null
                ? nextInRun(open, command.id())
                : tx.nextTurn(session.id(), null, command.id()).orElse(null);
        return new CommandView(
                command, stored.head(), open, session, next, stored.lastCommandSeq() + 1, questions(tx, stored.head()));
    }

    /** Returns the first open turn of a run without a session, the named command left out. */
    public static @Nullable CommandHead nextInRun(List<CommandHead> open, @Nullable String exceptCommand) {
        for (CommandHead other : open) {
            if (other.order().ordinal() > 0 && !other.id().equals(exceptCommand)) {
                return other;
            }
        }
        return null;
    }

    static Locked<Lane> lane(StoreTx tx, String runId, NewCommand input) {
        Run known = tx.findRun(runId).orElse(null);
        if (known == null) {
            return new Locked.Missing<>();
        }
        Session session = sessionOf(tx, known.sessionId());
        CommandHead active =
                session == null ? null : tx.nextTurn(session.id(), null, null).orElse(null);
        boolean elsewhere = active != null && !active.runId().equals(runId);
        // Only an interruption writes to the other run. Runs are locked by id.
        boolean both = elsewhere && input.onBusy() == OnBusy.INTERRUPT;
        StoredRun other = null;
        if (active != null && both && active.runId().compareTo(runId) < 0) {
            other = tx.lockRun(active.runId(), LockMode.WAIT).orNull();
        }
        StoredRun stored = tx.lockRun(runId, LockMode.WAIT).orNull();
        if (stored == null) {
            return new Locked.Missing<>();
        }
        if (active != null && both && other == null) {
            other = tx.lockRun(active.runId(), LockMode.WAIT).orNull();
        }
        Command replayed = input.idempotencyKey() == null
                ? null
                : tx.findCommand(runId, input.idempotencyKey()).orElse(null);
        if (session == null) {
            active = nextInRun(tx.openCommands(runId), null);
        }
        CommandView view = null;
        if (active != null) {
            StoredRun holder = elsewhere ? other : stored;
            view = holder == null ? elsewhere(active, known, session) : view(tx, active, holder, session);
        }
        TurnLane lane = new TurnLane(stored.head(), session, stored.lastCommandSeq() + 1, view);
        return new Locked.Found<>(new Lane(lane, replayed));
    }

    /** Returns the active turn of another run that is not locked: a rule asks only whether it is there, and in which run. */
    public static CommandView elsewhere(CommandHead active, Run asked, @Nullable Session session) {
        RunHead named = new RunHead(
                active.runId(),
                asked.sessionId(),
                null,
                io.agentrun.run.RunStatus.PENDING,
                null,
                io.agentrun.run.RunClaim.none(1),
                null,
                null,
                asked.updatedAt(),
                null,
                RunGuard.NONE,
                null,
                0,
                0);
        return new CommandView(active, named, List.of(active), session, null, active.seq() + 1);
    }

    static NewRunSet newRun(StoreTx tx, NewRun input) {
        Session session = input.session() == null
                ? null
                : tx.lockSession(input.session().sessionId(), LockMode.WAIT).orNull();
        Run replayed = input.idempotencyKey() == null
                ? null
                : tx.findRun(input.owner(), input.idempotencyKey()).orElse(null);
        return new NewRunSet(session, replayed);
    }

    static DueSet due(StoreTx tx, List<DueTask> candidates) {
        DueTask first = candidates.get(0);
        String sessionId = first.sessionId();
        if (sessionId != null) {
            return dueInSession(tx, first, sessionId);
        }
        for (DueTask candidate : candidates) {
            QueueTask task = tx.lockTask(candidate.taskId(), LockMode.SKIP).orNull();
            if (task != null) {
                return new DueSet(QueueRules.dispatchable(task, tx.now()) ? task : null, null, false, false);
            }
        }
        return new DueSet(null, null, false, true);
    }

    private static DueSet dueInSession(StoreTx tx, DueTask candidate, String sessionId) {
        Locked<Session> session = tx.lockSession(sessionId, LockMode.SKIP);
        if (session instanceof Locked.Held) {
            return new DueSet(null, null, true, true);
        }
        if (tx.nextTurn(sessionId, null, null).isPresent()) {
            return new DueSet(null, null, false, false);
        }
        QueueTask task = tx.lockTask(candidate.taskId(), LockMode.SKIP).orNull();
        boolean due = task != null && QueueRules.dispatchable(task, tx.now());
        return new DueSet(due ? task : null, session.orNull(), false, false);
    }
}
