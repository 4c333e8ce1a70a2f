package io.agentrun.backend;

import io.agentrun.rules.Change;
import java.util.Set;

/**
 * What waiting calls wait for. Signals may travel between processes as {@link #name}.
 *
 * <p>Immutable.
 *
 * @param name a short text that begins with the kind
 */
public record Signal(String name) {

    /** Signals that something was added to the run's stream, or that the run is gone. */
    public static Signal events(String runId) {
        return new Signal("e " + runId);
    }

    /** Signals that the run, or one of its commands, has changed. */
    public static Signal commands(String runId) {
        return new Signal("c " + runId);
    }

    /** Adds the signals of a change to the set. */
    public static void addAll(Change change, Set<Signal> to) {
        change.created().commands().forEach(command -> to.add(commands(command.runId())));
        change.replaced().commands().forEach(command -> to.add(commands(command.runId())));
        change.replaced().runs().forEach(run -> to.add(commands(run.id())));
        change.events().forEach(event -> to.add(events(event.runId())));
    }
}
