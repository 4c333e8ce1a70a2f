package io.agentrun.postgres;

import io.agentrun.backend.Locked;
import io.agentrun.backend.ReadSets;
import io.agentrun.backend.ReadSets.CommandEnd;
import io.agentrun.backend.ReadSets.DueSet;
import io.agentrun.backend.ReadSets.Lane;
import io.agentrun.backend.ReadSets.NewRunSet;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.ReadSets.SessionUse;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.postgres.internal.db.LockOrder;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The read sets, each in one round trip: first the locks in their order, then the commands, with a snapshot of their own. What
 * changes commands holds the lock of their run or, to promote a turn, of their session.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingReads {

    private final Tx tx;
    private final StepClock clock;
    private final LockedRows locked;
    private final OwnerGuard guard;
    private final LockingLimits limits;

    LockingReads(Tx tx, StepClock clock, LockedRows locked, OwnerGuard guard, LockingLimits limits) {
        this.tx = tx;
        this.clock = clock;
        this.locked = locked;
        this.guard = guard;
        this.limits = limits;
    }

    Locked<RunEnd> runEnd(String runId) {
        return runEnd(runId, script -> {});
    }

    Locked<TurnEnd> turnEnd(String runId, String commandId) {
        List<Script.Rows<Command>> commands = new ArrayList<>(2);
        RunEnd seen = runEnd(runId, script -> {
                    script.bind("command_id", commandId);
                    commands.add(script.query(CommandTable.GET, CommandTable::command));
                    commands.add(script.query(CommandTable.OTHER_TURN, CommandTable::command));
                })
                .orNull();
        return seen == null
                ? new Locked.Missing<>()
                : new Locked.Found<>(new TurnEnd(
                        seen.run(),
                        seen.view(),
                        commands.get(0).firstOrNull(),
                        commands.get(1).firstOrNull()));
    }

    /** Reads with it what the caller adds behind the locks. */
    private Locked<RunEnd> runEnd(String runId, Consumer<Script> more) {
        LockOrder.State before = tx.locks().state();
        Script script = new Script().bind("run_id", runId);
        Script.Rows<Session> session = script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_RUN, locked::session);
        Script.Rows<RunRow> run = script.lock(tx, Rank.RUN, runId, RunTable.LOCK, RunColumns::row);
        Script.Rows<CommandHead> open = script.query(CommandTable.OPEN, CommandTable::head);
        Script.Rows<CommandHead> next = script.query(CommandTable.NEXT_OF_OTHER_RUNS, CommandTable::head);
        Script.Rows<QueueTask> task = script.lock(tx, Rank.TASK, null, TaskTable.LOCK_OF_RUN, TaskTable::task);
        more.accept(script);
        clock.execute(script);
        RunRow row = run.firstOrNull();
        if (row == null) {
            // Without the run neither a session nor a task was found.
            tx.locks().restore(before);
            return new Locked.Missing<>();
        }
        locked.add(row);
        RunView view = new RunView(
                row.head(), open.all(), session.firstOrNull(), next.firstOrNull(), task.firstOrNull(), questions(row));
        return new Locked.Found<>(new RunEnd(row.run(), view));
    }

    /** Returns the open questions of a run that is locked: one more round trip, and only if there are any. */
    private List<Question> questions(RunRow row) {
        return row.run().openQuestions() == 0 ? List.of() : questions(row.run().id());
    }

    List<Question> questions(String runId) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<Question> open = script.query(QuestionTable.OPEN, QuestionTable::question);
        tx.execute(script);
        return open.all();
    }

    Locked<CommandEnd> commandEnd(String commandId) {
        Script script = new Script().bind("command_id", commandId);
        Script.Rows<Session> session =
                script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_COMMAND, locked::session);
        Script.Rows<RunRow> run = script.lock(tx, Rank.RUN, null, RunTable.LOCK_OF_COMMAND, RunColumns::row);
        Script.Rows<Command> command = script.query(CommandTable.GET, CommandTable::command);
        Script.Rows<CommandHead> open = script.query(CommandTable.OPEN_BESIDE, CommandTable::head);
        Script.Rows<CommandHead> next = script.query(CommandTable.NEXT_BESIDE, CommandTable::head);
        clock.execute(script);
        RunRow row = run.firstOrNull();
        Command found = command.firstOrNull();
        if (row == null || found == null || !guard.includes(row.run().owner())) {
            return new Locked.Missing<>();
        }
        locked.add(row);
        CommandView view = view(CommandHead.of(found), row, open.all(), session.firstOrNull(), next.firstOrNull());
        return new Locked.Found<>(new CommandEnd(found, view));
    }

    private CommandView view(
            CommandHead command,
            RunRow row,
            List<CommandHead> open,
            @Nullable Session session,
            @Nullable CommandHead nextInSession) {
        Run run = row.run();
        CommandHead next = run.sessionId() == null ? ReadSets.nextInRun(open, command.id()) : nextInSession;
        return new CommandView(command, row.head(), open, session, next, row.commandSeq() + 1, questions(row));
    }

    Locked<Lane> lane(String runId, NewCommand input) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<Session> session = script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_RUN, locked::session);
        // Only an interruption writes to the run that holds the active turn.
        boolean both = input.onBusy() == OnBusy.INTERRUPT;
        Script.Rows<RunRow> runs = both
                ? script.lock(tx, Rank.RUN, null, RunTable.LOCK_LANE, RunColumns::row)
                : script.lock(tx, Rank.RUN, runId, RunTable.LOCK, RunColumns::row);
        Script.Rows<Command> known = null;
        if (input.idempotencyKey() != null) {
            script.bind("idempotency_key", input.idempotencyKey());
            known = script.query(CommandTable.BY_KEY, CommandTable::command);
        }
        Script.Rows<CommandHead> open = script.query(CommandTable.OPEN, CommandTable::head);
        Script.Rows<CommandHead> turns = script.query(CommandTable.TURNS, CommandTable::head);
        Script.Rows<CommandHead> beside = script.query(CommandTable.OPEN_OF_ACTIVE, CommandTable::head);
        clock.execute(script);
        runs.all().forEach(locked::add);
        RunRow row = locked.run(runId);
        if (row == null || !guard.includes(row.run().owner())) {
            return new Locked.Missing<>();
        }
        CommandView active = row.run().sessionId() == null
                ? activeOfRun(row, open.all())
                : activeOfSession(row.run(), session.firstOrNull(), turns.all(), beside.all());
        TurnLane lane = new TurnLane(row.head(), session.firstOrNull(), row.commandSeq() + 1, active);
        return new Locked.Found<>(new Lane(lane, known == null ? null : known.firstOrNull()));
    }

    private @Nullable CommandView activeOfRun(RunRow row, List<CommandHead> open) {
        CommandHead turn = ReadSets.nextInRun(open, null);
        return turn == null ? null : view(turn, row, open, null, null);
    }

    private @Nullable CommandView activeOfSession(
            Run asked, @Nullable Session session, List<CommandHead> turns, List<CommandHead> beside) {
        if (turns.isEmpty()) {
            return null;
        }
        CommandHead turn = turns.get(0);
        RunRow holder = locked.run(turn.runId());
        if (holder == null) {
            return ReadSets.elsewhere(turn, asked, session);
        }
        return view(turn, holder, beside, session, turns.size() > 1 ? turns.get(1) : null);
    }

    NewRunSet newRun(NewRun input) {
        Script script = new Script();
        Script.Rows<Session> session = null;
        if (input.session() != null) {
            String id = input.session().sessionId();
            script.bind("session_id", id);
            session = script.lock(tx, Rank.SESSION, id, SessionTable.LOCK, locked::session);
        }
        Script.Rows<Run> known = null;
        if (input.idempotencyKey() != null) {
            script.bind("tenant_id", input.owner().tenantId())
                    .bind("project_id", input.owner().projectId())
                    .bind("idempotency_key", input.idempotencyKey());
            known = script.query(RunTable.BY_KEY, RunColumns::run);
        }
        clock.execute(script);
        return new NewRunSet(
                session == null ? null : session.firstOrNull(), known == null ? null : known.firstOrNull());
    }

    Locked<SessionUse> sessionUse(String sessionId) {
        Script script = new Script().bind("session_id", sessionId);
        Script.Rows<Session> session = script.lock(tx, Rank.SESSION, sessionId, SessionTable.LOCK, locked::session);
        Script.Rows<Boolean> inUse = script.query(RunTable.IN_USE, RunTable::inUse);
        clock.execute(script);
        Session found = session.firstOrNull();
        return found == null
                ? new Locked.Missing<>()
                : new Locked.Found<>(new SessionUse(found, inUse.first().orElseThrow()));
    }

    DueSet due(List<DueTask> candidates) {
        DueTask first = candidates.get(0);
        if (first.sessionId() != null) {
            return dueInSession(first, first.sessionId());
        }
        Script script = new Script()
                .bindArray(
                        "task_ids",
                        "text",
                        candidates.stream().map(DueTask::taskId).toArray());
        Script.Rows<QueueTask> task = script.lockFree(tx, Rank.TASK, null, TaskQueries.LOCK_FIRST, TaskTable::task);
        if (candidates.stream().anyMatch(DueTask::limited)) {
            limits.lockAhead(script);
        }
        clock.execute(script);
        QueueTask found = task.firstOrNull();
        return new DueSet(found, null, false, found == null);
    }

    /** A session that a rule is to create. Immutable. */
    private record Inserted(Instant createdAt) {}

    /**
     * Locks the task behind its session. A session that is not there yet is inserted, without its content, which keeps out
     * whoever would insert it too; if the task is not to be had then, the session is deleted again.
     */
    private DueSet dueInSession(DueTask candidate, String sessionId) {
        Script script = new Script().bind("task_id", candidate.taskId()).bind("session_id", sessionId);
        Script.Rows<Inserted> created = candidate.sessionKnown()
                ? null
                : script.lock(
                        tx,
                        Rank.SESSION,
                        sessionId,
                        TaskQueries.INSERT_SESSION,
                        (row, context) -> new Inserted(Columns.instant(row, "created_at")));
        Script.Rows<Session> session =
                script.lockFree(tx, Rank.SESSION, sessionId, SessionTable.LOCK_FREE, locked::session);
        Script.Rows<QueueTask> task =
                script.lockFree(tx, Rank.TASK, candidate.taskId(), TaskQueries.LOCK_WITH_SESSION, TaskTable::task);
        // The time of an inserted session is that of the step, and before the look at the slots.
        if (created == null && candidate.limited()) {
            script.bindArray("task_ids", "text", new Object[] {candidate.taskId()});
            limits.lockAhead(script);
        }
        clock.execute(script);
        QueueTask found = task.firstOrNull();
        Inserted inserted = created == null ? null : created.firstOrNull();
        if (inserted == null) {
            return dueInStored(candidate, session.firstOrNull(), found);
        }
        if (found == null) {
            tx.execute(new Script().bind("session_id", sessionId).run(TaskQueries.REMOVE_SESSION));
            return new DueSet(null, null, false, false);
        }
        locked.addInsertedSession(sessionId);
        clock.set(inserted.createdAt());
        return new DueSet(found, null, false, false);
    }

    private static DueSet dueInStored(DueTask candidate, @Nullable Session session, @Nullable QueueTask task) {
        if (session != null) {
            return new DueSet(task, session, false, false);
        }
        // A session that became free between the two statements was locked by the second one, but not read.
        boolean clean = candidate.sessionKnown() && task == null;
        return new DueSet(null, null, candidate.sessionKnown(), clean);
    }
}
