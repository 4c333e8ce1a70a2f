package io.agentrun.tck.simulation;

import java.util.List;

/**
 * How a simulation went.
 *
 * <p>Immutable.
 *
 * @param seed what it was made of
 * @param violations what must not happen and did; empty if all was well
 * @param trace what happened, in order, with the time in seconds: the same for the same host and seed
 */
public record SimulationReport(long seed, List<String> violations, List<String> trace) {

    public SimulationReport {
        violations = List.copyOf(violations);
        trace = List.copyOf(trace);
    }

    /** Returns whether nothing happened that must not. */
    public boolean passed() {
        return violations.isEmpty();
    }
}
