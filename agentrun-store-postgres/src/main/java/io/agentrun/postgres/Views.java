package io.agentrun.postgres;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.NotFoundException;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Locks and reads what a rule must see, in one round trip: the locks in their order, then, with a snapshot of their own,
 * the commands. Whoever changes commands holds their run's row or, to promote a turn, their session's.
 */
final class Views {

    private Views() {}

    /** A run under its locks, with everything around it. Immutable. */
    record OfRun(RunView view, Seen seen) {

        Run run() {
            return view.run();
        }

        Instant now() {
            return seen.now();
        }
    }

    /** A command under the locks of its run, with everything around it. Immutable. */
    record OfCommand(CommandView view, Seen seen) {

        Instant now() {
            return seen.now();
        }
    }

    /** The lane that a new command enters; or, with the same key, the command that was first. Immutable. */
    record OfLane(TurnLane lane, @Nullable Command replayed, Seen seen) {}

    /**
     * The run with all that its end would touch.
     *
     * @throws NotFoundException if there is no such run
     */
    static OfRun run(Tx tx, String runId) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<Session> session =
                script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_RUN, SessionTable::session);
        Script.Rows<RunRow> run = script.lock(tx, Rank.RUN, runId, RunTable.LOCK, RunTable::row);
        Script.Rows<Command> open = script.query(CommandTable.OPEN, CommandTable::command);
        Script.Rows<Command> next = script.query(CommandTable.NEXT_OF_OTHER_RUNS, CommandTable::command);
        Script.Rows<QueueTask> task = script.lock(tx, Rank.TASK, null, TaskTable.LOCK_OF_RUN, TaskTable::task);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        RunRow row = run.first().orElseThrow(() -> new NotFoundException("run", runId));
        Seen seen =
                Seen.at(clock.first().orElseThrow()).with(row).with(open.all()).with(next.firstOrNull());
        return new OfRun(
                new RunView(row.run(), open.all(), session.firstOrNull(), next.firstOrNull(), task.firstOrNull()),
                seen);
    }

    /**
     * The command with all that its end would touch.
     *
     * @throws NotFoundException if there is no such command
     */
    static OfCommand command(Tx tx, String commandId) {
        Script script = new Script().bind("command_id", commandId);
        Script.Rows<Session> session =
                script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_COMMAND, SessionTable::session);
        Script.Rows<RunRow> run = script.lock(tx, Rank.RUN, null, RunTable.LOCK_OF_COMMAND, RunTable::row);
        Script.Rows<Command> command = script.query(CommandTable.GET, CommandTable::command);
        Script.Rows<Command> open = script.query(CommandTable.OPEN_BESIDE, CommandTable::command);
        Script.Rows<Command> next = script.query(CommandTable.NEXT_BESIDE, CommandTable::command);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        RunRow row = run.first().orElseThrow(() -> new NotFoundException("command", commandId));
        Command found = command.first().orElseThrow(() -> new NotFoundException("command", commandId));
        Seen seen = Seen.at(clock.first().orElseThrow())
                .with(row)
                .with(found)
                .with(open.all())
                .with(next.firstOrNull());
        return new OfCommand(view(found, row, open.all(), session.firstOrNull(), next.firstOrNull()), seen);
    }

    private static CommandView view(
            Command command,
            RunRow row,
            List<Command> open,
            @Nullable Session session,
            @Nullable Command nextInSession) {
        Command next = row.run().sessionId() == null ? nextInRun(open, command) : nextInSession;
        return new CommandView(command, row.run(), open, session, next, row.commandSeq() + 1);
    }

    private static @Nullable Command nextInRun(List<Command> open, @Nullable Command leftOut) {
        for (Command other : open) {
            if (other.order().ordinal() > 0 && (leftOut == null || !other.id().equals(leftOut.id()))) {
                return other;
            }
        }
        return null;
    }

    /**
     * The lane of a command that is to be created.
     *
     * @throws NotFoundException if there is no such run
     */
    static OfLane lane(Tx tx, String runId, NewCommand input) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<Session> session =
                script.lock(tx, Rank.SESSION, null, SessionTable.LOCK_OF_RUN, SessionTable::session);
        // Only an interruption writes to the run that holds the active turn.
        boolean both = input.onBusy() == OnBusy.INTERRUPT;
        Script.Rows<RunRow> runs = both
                ? script.lock(tx, Rank.RUN, null, RunTable.LOCK_LANE, RunTable::row)
                : script.lock(tx, Rank.RUN, runId, RunTable.LOCK, RunTable::row);
        Script.Rows<Command> known = null;
        if (input.idempotencyKey() != null) {
            script.bind("idempotency_key", input.idempotencyKey());
            known = script.query(CommandTable.BY_KEY, CommandTable::command);
        }
        Script.Rows<Command> open = script.query(CommandTable.OPEN, CommandTable::command);
        Script.Rows<Command> turns = script.query(CommandTable.TURNS, CommandTable::command);
        Script.Rows<Command> beside = script.query(CommandTable.OPEN_OF_ACTIVE, CommandTable::command);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        RunRow row = find(runs.all(), runId);
        if (row == null) {
            throw new NotFoundException("run", runId);
        }
        Seen seen = Seen.at(clock.first().orElseThrow())
                .with(open.all())
                .with(turns.all())
                .with(beside.all());
        runs.all().forEach(seen::with);
        CommandView active = row.run().sessionId() == null
                ? activeOfRun(row, open.all())
                : activeOfSession(row, runs.all(), session.firstOrNull(), turns.all(), beside.all());
        TurnLane lane = new TurnLane(row.run(), session.firstOrNull(), row.commandSeq() + 1, active);
        return new OfLane(lane, known == null ? null : known.firstOrNull(), seen);
    }

    private static @Nullable CommandView activeOfRun(RunRow row, List<Command> open) {
        Command turn = nextInRun(open, null);
        return turn == null ? null : view(turn, row, open, null, null);
    }

    private static @Nullable CommandView activeOfSession(
            RunRow asked, List<RunRow> runs, @Nullable Session session, List<Command> turns, List<Command> beside) {
        if (turns.isEmpty()) {
            return null;
        }
        Command turn = turns.get(0);
        RunRow holder = find(runs, turn.runId());
        if (holder == null) {
            // Not locked, because nothing of it is written: a rule asks only whether it is there, and in which run.
            Run elsewhere = asked.run();
            Run named = Run.builder(turn.runId(), elsewhere.owner(), elsewhere.spec())
                    .createdAt(elsewhere.createdAt())
                    .build();
            holder = new RunRow(named, 0, turn.seq());
        }
        Command next = turns.size() > 1 ? turns.get(1) : null;
        return view(turn, holder, beside, session, next);
    }

    private static @Nullable RunRow find(List<RunRow> rows, String runId) {
        for (RunRow row : rows) {
            if (row.run().id().equals(runId)) {
                return row;
            }
        }
        return null;
    }
}
