package io.agentrun.example.worker;

import io.agentrun.model.Outcome;
import java.util.List;

/**
 * What works on a run: started by a {@link Runners}, watched by a worker. Thread-safe.
 */
public interface Agent extends AutoCloseable {
    /** Waits for output and returns it, up to 200 lines; an empty list says that it is over. */
    List<String> nextLines() throws InterruptedException;

    /** How it ended; waits for that. */
    Outcome outcome() throws InterruptedException;

    /**
     * Asks it to end; {@link #nextLines} says when that is done.
     *
     * @return false if it had ended by itself
     */
    boolean terminate();

    /** Ends it at once: its run is somebody else's. */
    void kill();

    /** Ends whatever is left of it. */
    @Override
    void close();
}
