package io.agentrun.worker;

import io.agentrun.model.TurnResult;

/**
 * Understands what the process of one turn writes to its standard output: makes events of its lines, and a result of how it ended.
 *
 * <p>Not thread-safe: it is called by one thread at a time.
 */
public interface AgentProtocol {

    /**
     * Takes a line of the process, without its end. What is not understood is best stored as it is.
     *
     * @throws InterruptedException if the thread is interrupted while the buffer of the events is full
     */
    void line(String line) throws InterruptedException;

    /**
     * Returns the result of the turn, once all lines were taken.
     *
     * @param exit what the process's exit code says: completed or failed; cancelled if the turn was asked to end
     */
    TurnResult result(TurnResult exit);
}
