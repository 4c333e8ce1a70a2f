package io.agentrun.spring;

import io.agentrun.worker.Agent;

/**
 * Puts an observation around the host's agent, where Micrometer is there.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
interface AgentObserver {

    /** Returns an agent that does what the given one does. */
    Agent observed(Agent agent);
}
