package io.agentrun.worker;

import io.agentrun.command.FinishedTurn;
import io.agentrun.run.Run;

/**
 * Is told what a worker does. Each method does nothing unless overridden. What it throws is logged, and changes nothing.
 *
 * <p>Thread-safe. It is called on threads of the worker, and must not block.
 */
public interface WorkerListener {

    /** A listener that does nothing. */
    WorkerListener NONE = new WorkerListener() {};

    /** The agent is about to work on the turn. */
    default void started(Turn turn) {}

    /** The turn has ended, and is stored. */
    default void finished(FinishedTurn turn) {}

    /** The worker holds the run no more; its agent was stopped. */
    default void lost(Run run, String reason) {}

    /** The run is parked until questions have ended; the worker holds it no more, and nothing has failed. */
    default void parked(Run run) {}

    /** The run was given back, for another worker. */
    default void released(Run run) {}

    /** A call of the store has failed; it will be tried again. */
    default void failed(String call, RuntimeException failure) {}
}
