package io.agentrun.spring;

import io.agentrun.worker.AgentWorkerBuilder;

/**
 * A bean that sets what no property sets of the worker: its executor, its scope. It is called after the properties.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface WorkerCustomizer {

    /** Changes the builder. */
    void customize(AgentWorkerBuilder builder);
}
