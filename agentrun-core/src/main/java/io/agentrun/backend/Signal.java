package io.agentrun.backend;

import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Change;
import io.agentrun.rules.RunHead;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import java.util.Set;

/**
 * What waiting calls wait for. Signals may travel between processes as {@link #name}, which holds no id but a hash of it: whoever
 * can listen there learns none. Two runs of one hash wake each other's callers for a look too many.
 *
 * <p>Immutable.
 *
 * @param name a short text in ASCII, without comma, that begins with the kind
 */
public record Signal(String name) {

    private static final Signal TASKS = new Signal("q");

    /** Signals that something was added to the run's stream, or that the run is gone. */
    public static Signal events(String runId) {
        return of('e', runId);
    }

    /** Signals that the run, or one of its commands, has changed. */
    public static Signal commands(String runId) {
        return of('c', runId);
    }

    /** Returns the signal of a kind, {@code e} for events and {@code c} for commands. */
    public static Signal of(char kind, String runId) {
        return new Signal(kind + Integer.toHexString(runId.hashCode()));
    }

    /** Signals that there may be something to take from the queue. */
    public static Signal tasks() {
        return TASKS;
    }

    /** Returns whether there may be something to take once the run is as it is given. */
    public static boolean frees(RunHead run) {
        return run.status() == RunStatus.PENDING && run.taskId() != null;
    }

    /** Returns whether there may be something to take once the session is as it is given. */
    public static boolean frees(Session session) {
        return session.activity().activeCommandId() == null;
    }

    /** Returns whether there may be something to take once the task is as it is given. */
    public static boolean frees(QueueTask task) {
        return task.state() == TaskState.PENDING;
    }

    /** Adds the signals of a change to the set. */
    public static void addAll(Change change, Set<Signal> to) {
        change.created().commands().forEach(command -> to.add(commands(command.runId())));
        change.replaced().commands().forEach(command -> to.add(commands(command.runId())));
        change.replaced().runs().forEach(run -> to.add(commands(run.id())));
        change.events().forEach(event -> to.add(events(event.runId())));
        if (!change.created().tasks().isEmpty()
                || !change.replaced().renewed().isEmpty()
                || change.replaced().tasks().stream().anyMatch(Signal::frees)
                || change.replaced().runs().stream().anyMatch(Signal::frees)
                || change.replaced().sessions().stream().anyMatch(Signal::frees)) {
            to.add(TASKS);
        }
    }
}
