package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.worker.time.Scheduler;
import java.util.function.Consumer;

/**
 * What all parts of a worker work with. Thread-safe.
 *
 * @param scheduler runs the calls of the loop
 * @param output runs what agents wait for: output, steers, grace periods; apart, so that no heartbeat waits behind it
 */
record WorkerContext(
        AgentRunStore store,
        WorkerSettings settings,
        Agent agent,
        Scheduler scheduler,
        Scheduler output,
        WorkerListener listener) {

    private static final System.Logger LOG = System.getLogger("io.agentrun.worker");

    /** Tells the listener, whose failure changes nothing. */
    void tell(Consumer<WorkerListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a listener of the worker failed", e);
        }
    }
}
