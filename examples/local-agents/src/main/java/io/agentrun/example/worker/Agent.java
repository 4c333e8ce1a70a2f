package io.agentrun.example.worker;

import io.agentrun.model.Outcome;
import io.agentrun.worker.stream.TextStream;
import java.io.IOException;

/**
 * What works on a run: started by a {@link Runners}, watched by a worker. Thread-safe.
 */
public interface Agent extends AutoCloseable {
    /**
     * Writes its output and returns when it is over.
     *
     * @throws io.agentrun.error.AgentRunException what ended the writer, such as a lost lease
     * @throws IOException if its output cannot be read; the message is for people
     */
    void write(TextStream output) throws IOException, InterruptedException;

    /**
     * How it ended; waits for that.
     *
     * @throws IOException as for {@link #write}
     */
    Outcome outcome() throws IOException, InterruptedException;

    /**
     * Asks it to end; {@link #write} returns when that is done.
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
