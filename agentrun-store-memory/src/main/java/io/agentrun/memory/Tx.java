package io.agentrun.memory;

import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunView;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One operation over the state: the records it sees, the time it happens at, and what it has written.
 *
 * <p>A rule decides before anything is written, so an operation that throws has written nothing.
 */
final class Tx {

    private final MemoryState state;
    private final Engine.Settings settings;
    private final List<Write> writes = new ArrayList<>(4);
    private @Nullable Instant now;

    Tx(MemoryState state, Engine.Settings settings) {
        this.state = state;
        this.settings = settings;
    }

    MemoryState state() {
        return state;
    }

    /** The time of this operation, read once. */
    Instant now() {
        Instant time = now;
        if (time == null) {
            time = Engine.now(settings.clock());
            now = time;
        }
        return time;
    }

    String newId(String prefix) {
        return settings.ids().next(prefix);
    }

    List<Write> writes() {
        return writes;
    }

    void write(Write write) {
        state.apply(write);
        writes.add(write);
    }

    /** Writes a rule's change: versions, event numbers and event ids are given here. */
    void write(Change change) {
        for (Session session : change.sessions()) {
            write(new Write.OfSession(
                    session.toBuilder().version(state.lastSessionVersion + 1).build()));
        }
        for (Run run : change.runs()) {
            write(new Write.OfRun(run));
        }
        for (Command command : change.commands()) {
            write(new Write.OfCommand(command));
        }
        for (QueueTask task : change.tasks()) {
            write(new Write.OfTask(
                    task.toBuilder().version(state.lastTaskVersion + 1).build()));
        }
        for (Emission event : change.events()) {
            append(event);
        }
    }

    RunEvent append(Emission emission) {
        RunEvent event = new RunEvent(
                newId(IdSource.EVENT),
                emission.runId(),
                state.entry(emission.runId()).nextEventSeq(),
                emission.type(),
                emission.payload(),
                now());
        write(new Write.OfEvent(event));
        return event;
    }

    /** The run, or the error that says it is unknown. */
    static RunEntry require(MemoryState state, String runId) {
        RunEntry entry = state.runs.get(runId);
        if (entry == null) {
            throw new NotFoundException("run", runId);
        }
        return entry;
    }

    RunEntry require(String runId) {
        return require(state, runId);
    }

    Command requireCommand(String commandId) {
        return requireCommand(state, commandId);
    }

    static Command requireCommand(MemoryState state, String commandId) {
        Command command = state.commands.get(commandId);
        if (command == null) {
            throw new NotFoundException("command", commandId);
        }
        return command;
    }

    Session requireSession(String sessionId) {
        return requireSession(state, sessionId);
    }

    static Session requireSession(MemoryState state, String sessionId) {
        Session session = state.sessions.get(sessionId);
        if (session == null) {
            throw new NotFoundException("session", sessionId);
        }
        return session;
    }

    @Nullable
    Session sessionOf(Run run) {
        return run.sessionId() == null ? null : state.sessions.get(run.sessionId());
    }

    RunView view(String runId) {
        RunEntry entry = require(runId);
        Run run = entry.run();
        return new RunView(run, entry.openCommands(), sessionOf(run), nextTurnOfOtherRuns(run), taskOf(run));
    }

    CommandView view(Command command) {
        RunEntry entry = state.entry(command.runId());
        Run run = entry.run();
        return new CommandView(
                command,
                run,
                entry.openCommands(),
                sessionOf(run),
                nextTurnBeside(command, entry),
                entry.nextCommandSeq());
    }

    /** The active turn of the run's session, or of the run if it has none. */
    @Nullable
    CommandView activeTurn(Run run) {
        if (run.sessionId() != null) {
            TreeMap<Long, String> open = state.openTurnsOfSession.get(run.sessionId());
            return open == null ? null : view(requireCommand(open.firstEntry().getValue()));
        }
        for (Command command : state.entry(run.id()).openCommands()) {
            if (command.order().ordinal() > 0) {
                return view(command);
            }
        }
        return null;
    }

    private @Nullable Command nextTurnBeside(Command command, RunEntry entry) {
        String sessionId = entry.run().sessionId();
        if (sessionId == null) {
            for (Command other : entry.openCommands()) {
                if (other.order().ordinal() > 0 && !other.id().equals(command.id())) {
                    return other;
                }
            }
            return null;
        }
        for (String id : openTurns(sessionId)) {
            if (!id.equals(command.id())) {
                return requireCommand(id);
            }
        }
        return null;
    }

    private @Nullable Command nextTurnOfOtherRuns(Run run) {
        if (run.sessionId() == null) {
            return null;
        }
        for (String id : openTurns(run.sessionId())) {
            Command turn = requireCommand(id);
            if (!turn.runId().equals(run.id())) {
                return turn;
            }
        }
        return null;
    }

    private Iterable<String> openTurns(String sessionId) {
        TreeMap<Long, String> open = state.openTurnsOfSession.get(sessionId);
        return open == null ? List.of() : open.values();
    }

    private @Nullable QueueTask taskOf(Run run) {
        return run.taskId() == null ? null : state.tasks.get(run.taskId());
    }
}
