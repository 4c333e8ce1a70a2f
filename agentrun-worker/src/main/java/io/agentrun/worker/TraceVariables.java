package io.agentrun.worker;

import io.agentrun.model.TraceContext;
import io.agentrun.worker.process.AgentProcess;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Puts a trace context into the environment of a process. Pure functions. Thread-safe. */
final class TraceVariables {

    private static final String PARENT = "TRACEPARENT";
    private static final List<String> NAMES = List.of(PARENT, "TRACESTATE");

    private TraceVariables() {}

    /** Starts the process. */
    @FunctionalInterface
    interface Start {

        /** Starts it. */
        AgentProcess process() throws IOException;
    }

    /**
     * Starts a process with the variables of the context, and puts the environment back: a builder that is used again must not look like
     * one whose host has said another trace.
     *
     * @param environment that of the builder
     */
    static AgentProcess with(Optional<TraceContext> trace, Map<String, String> environment, Start start)
            throws IOException {
        boolean ofTheHost =
                environment.containsKey(PARENT) && !Objects.equals(environment.get(PARENT), System.getenv(PARENT));
        if (trace.isEmpty() || ofTheHost) {
            return start.process();
        }
        Map<String, String> before = new HashMap<>(environment);
        // A state that this process inherited is not that of the trace.
        environment.keySet().removeAll(NAMES);
        environment.putAll(trace.get().environment());
        try {
            return start.process();
        } finally {
            environment.keySet().removeAll(NAMES);
            before.keySet().retainAll(NAMES);
            environment.putAll(before);
        }
    }
}
