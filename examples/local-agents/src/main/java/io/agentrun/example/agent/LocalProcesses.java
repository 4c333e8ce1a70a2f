package io.agentrun.example.agent;

import io.agentrun.worker.Agent;
import io.agentrun.worker.Witness;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Agents as processes of this machine. A process dies with its worker's, or is as good as dead. Thread-safe. */
public final class LocalProcesses implements Runners {
    private final Agent agent;

    /** Processes that this agent starts. */
    public LocalProcesses(Agent agent) {
        this.agent = agent;
    }

    @Override
    public String placement() {
        return "local";
    }

    @Override
    public Agent agent() {
        return agent;
    }

    @Override
    public Optional<Witness> witness(BiConsumer<String, String> told) {
        return Optional.empty();
    }
}
