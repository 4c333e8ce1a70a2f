package io.agentrun.postgres;

import io.agentrun.backend.Locked;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.StoreTx.TurnKey;
import io.agentrun.command.Command;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.EndQueries;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunView;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Locks many turns that end together, with all that their ends touch, in one round trip; what is held is passed over.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingEnds {

    private final Tx tx;
    private final StepClock clock;
    private final LockedRows locked;

    LockingEnds(Tx tx, StepClock clock, LockedRows locked) {
        this.tx = tx;
        this.clock = clock;
        this.locked = locked;
    }

    /** What was found for all of them, by the ids of what it is found for. Immutable. */
    private record Found(
            Map<String, Session> sessions,
            Map<String, RunRow> runs,
            Map<String, List<CommandHead>> open,
            Map<String, CommandHead> next,
            Map<String, QueueTask> tasks,
            Map<String, Command> commands,
            Map<String, Command> others) {}

    List<Locked<TurnEnd>> turnEnds(List<TurnKey> turns) {
        Script script = new Script()
                .bindArray("run_ids", "text", turns.stream().map(TurnKey::runId).toArray())
                .bindArray(
                        "command_ids",
                        "text",
                        turns.stream().map(TurnKey::commandId).toArray());
        Script.Rows<Session> sessions =
                script.lockFree(tx, Rank.SESSION, null, EndQueries.LOCK_SESSIONS, SessionTable::session);
        Script.Rows<RunRow> runs = script.lockFree(tx, Rank.RUN, null, EndQueries.LOCK_RUNS, RunColumns::row);
        Script.Rows<CommandHead> open = script.query(EndQueries.OPEN, CommandTable::head);
        Script.Rows<EndQueries.Next> next = script.query(EndQueries.NEXT_OF_OTHER_RUNS, EndQueries::next);
        Script.Rows<QueueTask> tasks = script.lockFree(tx, Rank.TASK, null, EndQueries.LOCK_TASKS, TaskTable::task);
        Script.Rows<Command> commands = script.query(EndQueries.COMMANDS, CommandTable::command);
        Script.Rows<Command> others = script.query(EndQueries.OTHER_TURNS, CommandTable::command);
        clock.execute(script);
        Found found = new Found(
                by(sessions.all(), Session::id),
                by(runs.all(), row -> row.run().id()),
                open.all().stream().distinct().collect(Collectors.groupingBy(CommandHead::runId)),
                next.all().stream()
                        .collect(Collectors.toMap(EndQueries.Next::ofRun, EndQueries.Next::turn, (one, same) -> one)),
                by(tasks.all(), QueueTask::id),
                by(commands.all(), Command::id),
                by(others.all(), Command::runId));
        return turns.stream().map(turn -> turnEnd(turn, found)).toList();
    }

    private static <T> Map<String, T> by(List<T> rows, Function<T, String> key) {
        return rows.stream().collect(Collectors.toMap(key, row -> row, (one, same) -> one));
    }

    /** What is not there may be held: its caller asks again, alone. So does one that has questions to withdraw. */
    private Locked<TurnEnd> turnEnd(TurnKey turn, Found found) {
        RunRow row = found.runs().get(turn.runId());
        if (row == null || row.run().openQuestions() > 0) {
            return new Locked.Held<>();
        }
        Run run = row.run();
        Session session = linked(found.sessions(), run.sessionId());
        QueueTask task = linked(found.tasks(), run.taskId());
        if ((run.sessionId() != null && session == null) || (run.taskId() != null && task == null)) {
            return new Locked.Held<>();
        }
        locked.add(row);
        RunView view = new RunView(
                row.head(),
                found.open().getOrDefault(run.id(), List.of()),
                session,
                found.next().get(run.id()),
                task);
        return new Locked.Found<>(new TurnEnd(
                run,
                view,
                found.commands().get(turn.commandId()),
                found.others().get(run.id())));
    }

    private static <T> @Nullable T linked(Map<String, T> rows, @Nullable String id) {
        return id == null ? null : rows.get(id);
    }
}
