package io.agentrun.postgres;

import io.agentrun.backend.Locked;
import io.agentrun.backend.ReadSets.NewRunSet;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.SharedRun;
import io.agentrun.backend.StoreTx.RunKey;
import io.agentrun.command.Command;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.SharedQueries;
import io.agentrun.postgres.internal.query.TakeQueries;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunView;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Locks what the steps of callers who share a transaction touch, in one round trip; what is held is passed over.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingShared {

    private final Tx tx;
    private final StepClock clock;
    private final LockedRows locked;

    LockingShared(Tx tx, StepClock clock, LockedRows locked) {
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

    List<Locked<SharedRun>> runs(List<RunKey> keys) {
        Script script = new Script()
                .bindArray("run_ids", "text", keys.stream().map(RunKey::runId).toArray())
                .bindArray(
                        "command_ids",
                        "text",
                        keys.stream().map(RunKey::commandId).toArray());
        Script.Rows<Session> sessions =
                script.lockFree(tx, Rank.SESSION, null, SharedQueries.LOCK_SESSIONS, locked::session);
        Script.Rows<RunRow> runs = script.lockFree(tx, Rank.RUN, null, SharedQueries.LOCK_RUNS, RunColumns::row);
        Script.Rows<CommandHead> open = script.query(SharedQueries.OPEN, CommandTable::head);
        Script.Rows<SharedQueries.Next> next = script.query(SharedQueries.NEXT_OF_OTHER_RUNS, SharedQueries::next);
        Script.Rows<QueueTask> tasks = keys.stream().anyMatch(RunKey::mayEnd)
                ? script.lockFree(tx, Rank.TASK, null, SharedQueries.LOCK_TASKS, TaskTable::task)
                : null;
        Script.Rows<Command> named = keys.stream().anyMatch(key -> key.commandId() != null)
                ? script.query(SharedQueries.COMMANDS, CommandTable::command)
                : null;
        Script.Rows<Command> others = keys.stream().anyMatch(RunKey::endsTurn)
                ? script.query(SharedQueries.OTHER_TURNS, CommandTable::command)
                : null;
        clock.execute(script);
        Found found = new Found(
                by(sessions.all(), Session::id),
                by(runs.all(), row -> row.run().id()),
                open.all().stream().distinct().collect(Collectors.groupingBy(CommandHead::runId)),
                next.all().stream()
                        .collect(Collectors.toMap(
                                SharedQueries.Next::ofRun, SharedQueries.Next::turn, (one, same) -> one)),
                by(tasks, QueueTask::id),
                by(named, Command::id),
                by(others, Command::runId));
        return keys.stream().map(key -> run(key, found)).toList();
    }

    private static <T> Map<String, T> by(Script.@Nullable Rows<T> rows, Function<T, String> key) {
        return rows == null ? Map.of() : by(rows.all(), key);
    }

    private static <T> Map<String, T> by(List<T> rows, Function<T, String> key) {
        return rows.stream().collect(Collectors.toMap(key, row -> row, (one, same) -> one));
    }

    /** What is not there may be held: its caller asks again, alone. So does one that has questions to withdraw. */
    private Locked<SharedRun> run(RunKey key, Found found) {
        RunRow row = found.runs().get(key.runId());
        if (row == null || row.run().openQuestions() > 0) {
            return new Locked.Held<>();
        }
        Run run = row.run();
        Session session = linked(found.sessions(), run.sessionId());
        QueueTask task = linked(found.tasks(), run.taskId());
        if ((run.sessionId() != null && session == null) || (key.mayEnd() && run.taskId() != null && task == null)) {
            return new Locked.Held<>();
        }
        locked.add(row);
        RunView view = new RunView(
                row.head(),
                found.open().getOrDefault(run.id(), List.of()),
                session,
                found.next().get(run.id()),
                task);
        TurnEnd end = new TurnEnd(
                run,
                view,
                linked(found.commands(), key.commandId()),
                found.others().get(run.id()));
        return new Locked.Found<>(new SharedRun(end, row.commandSeq()));
    }

    /**
     * Locks the sessions that new runs name. One that is not there is inserted with its run, which waits for another transaction that
     * inserts it too: for a moment, after which all that share the transaction go alone.
     */
    List<Locked<NewRunSet>> newRuns(List<NewRun> runs) {
        Object[] ids = runs.stream()
                .map(NewRun::session)
                .filter(Objects::nonNull)
                .map(SessionRef::sessionId)
                .distinct()
                .toArray();
        if (ids.length == 0) {
            return runs.stream().map(run -> free(null)).toList();
        }
        Script script = new Script().bindArray("session_ids", "text", ids).run(Tx.BRIEFLY);
        Script.Rows<Session> sessions =
                script.lockFree(tx, Rank.SESSION, null, TakeQueries.LOCK_SESSIONS, locked::session);
        Script.Rows<String> known =
                script.query(SharedQueries.KNOWN_SESSIONS, (row, context) -> Columns.text(row, "session_id"));
        clock.execute(script);
        Map<String, Session> free = by(sessions.all(), Session::id);
        Set<String> stored = Set.copyOf(known.all());
        return runs.stream()
                .map(run -> {
                    String id = run.session() == null ? null : run.session().sessionId();
                    Session session = linked(free, id);
                    return session == null && id != null && stored.contains(id)
                            ? new Locked.Held<NewRunSet>()
                            : free(session);
                })
                .toList();
    }

    private static Locked<NewRunSet> free(@Nullable Session session) {
        return new Locked.Found<>(new NewRunSet(session, null));
    }

    private static <T> @Nullable T linked(Map<String, T> rows, @Nullable String id) {
        return id == null ? null : rows.get(id);
    }
}
