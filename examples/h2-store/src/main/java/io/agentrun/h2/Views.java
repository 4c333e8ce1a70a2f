package io.agentrun.h2;

import io.agentrun.command.Command;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the rules must see, read under the writers' lock. */
final class Views {

    private Views() {}

    static RunView run(Tx tx, String runId) {
        Run run = Table.RUNS.get(tx, runId);
        Session session = session(tx, run);
        Command next = session == null ? null : openTurn(tx, "session_id = ? AND run_id <> ?", session.id(), runId);
        return new RunView(run, openCommands(tx, runId), session, next, task(tx, run));
    }

    static CommandView command(Tx tx, Command command) {
        Run run = Table.RUNS.get(tx, command.runId());
        Session session = session(tx, run);
        Command next = session == null
                ? openTurn(tx, "run_id = ? AND id <> ?", run.id(), command.id())
                : openTurn(tx, "session_id = ? AND id <> ?", session.id(), command.id());
        return new CommandView(command, run, openCommands(tx, run.id()), session, next, nextSeq(tx, run));
    }

    static TurnLane lane(Tx tx, Run run) {
        Session session = session(tx, run);
        Command active =
                session == null ? openTurn(tx, "run_id = ?", run.id()) : openTurn(tx, "session_id = ?", session.id());
        return new TurnLane(run, session, nextSeq(tx, run), active == null ? null : command(tx, active));
    }

    static List<Command> openCommands(Tx tx, String runId) {
        return Table.COMMANDS.list(tx, "run_id = ? AND is_open ORDER BY seq", runId);
    }

    private static @Nullable Command openTurn(Tx tx, String where, Object... values) {
        return Table.COMMANDS
                .find(tx, where + " AND is_open AND is_turn ORDER BY ordinal LIMIT 1", values)
                .orElse(null);
    }

    private static long nextSeq(Tx tx, Run run) {
        return tx.number("SELECT COALESCE(MAX(seq), 0) + 1 FROM commands WHERE run_id = ?", run.id());
    }

    static long lastEvent(Tx tx, String runId) {
        return tx.number("SELECT last_event FROM runs WHERE id = ?", runId);
    }

    static @Nullable Session session(Tx tx, Run run) {
        return run.sessionId() == null ? null : Table.SESSIONS.get(tx, run.sessionId());
    }

    /** The session that is named, if one is, and if there is one. */
    static @Nullable Session session(Tx tx, @Nullable SessionRef ref) {
        return ref == null
                ? null
                : Table.SESSIONS.find(tx, "id = ?", ref.sessionId()).orElse(null);
    }

    /** The queue task that the run is the latest attempt of. */
    static @Nullable QueueTask task(Tx tx, Run run) {
        QueueTask task = run.taskId() == null ? null : Table.TASKS.get(tx, run.taskId());
        TaskAttempt attempt = task == null ? null : task.latestAttempt();
        return attempt != null && run.id().equals(attempt.runId()) ? task : null;
    }

    /** Whether the session has a run that has not ended. */
    static boolean inUse(Tx tx, String sessionId) {
        return tx.number(
                        "SELECT COUNT(*) FROM runs WHERE session_id = ? AND status IN ('pending', 'claimed',"
                                + " 'running')",
                        sessionId)
                > 0;
    }
}
