package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.util.List;

/**
 * What one sweep did, and what it could not see.
 *
 * <p>Immutable.
 *
 * @param evictions one for each session that was taken, in the order in which they were taken
 * @param problems what kept the sweep from seeing everything, for people; empty when nothing did
 * @param more whether the sweep stopped at its own limits, with more to do
 * @param took how long it took
 */
public record SweepReport(
        List<Eviction> evictions,
        List<String> problems,
        boolean more,
        @AsText Duration took) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public SweepReport {
        evictions = Require.items("evictions", evictions);
        problems = Require.items("problems", problems);
        took = Require.given("took", took);
    }

    /** Returns how many sessions came to this end. */
    public int count(Eviction.Outcome outcome) {
        return (int) evictions.stream()
                .filter(eviction -> eviction.outcome() == outcome)
                .count();
    }

    /** Returns whether cluster and store could be asked everything. */
    public boolean sawEverything() {
        return problems.isEmpty()
                && count(Eviction.Outcome.CLUSTER_FAILED) == 0
                && count(Eviction.Outcome.STORE_FAILED) == 0;
    }
}
