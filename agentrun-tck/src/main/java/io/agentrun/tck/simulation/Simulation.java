package io.agentrun.tck.simulation;

import io.agentrun.check.Require;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Lets hosts work on tasks while machines are killed, stand still for longer than a lease and go on, and are cut off from the store,
 * and while answers are lost: on the store in memory, with a clock of its own, so that half an hour passes in milliseconds. All of it
 * is made of a seed, and the same host does the same with the same seed.
 *
 * <p>It fails if a line of an agent stands in a run twice, out of order, or after the lease of its host; if one is missing in a run
 * that completed; if a lease ran out though nothing was wrong with its host; if a task does not complete; and if the store holds what
 * it must not. It does not run processes, and does not see what a host does besides the store.
 *
 * <p>Immutable. A simulation may run on several threads at once, if the host may.
 */
public final class Simulation {

    private final SimulatedHost host;

    private Simulation(SimulatedHost host) {
        this.host = host;
    }

    /**
     * A simulation of the host on two machines.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    public static Simulation of(SimulatedHost host) {
        return new Simulation(Require.given("host", host));
    }

    /** Runs one seed. */
    public SimulationReport run(long seed) {
        return new World(host, seed, RandomPlan::new).run();
    }

    /**
     * Runs seeds from the first one on until one fails.
     *
     * @return the report of the one that failed; empty if all passed
     * @throws io.agentrun.error.InvalidInputException if the number of seeds is less than 1
     */
    public Optional<SimulationReport> firstFailure(long firstSeed, int seeds) {
        Require.between("seeds", seeds, 1, Integer.MAX_VALUE);
        return LongStream.range(firstSeed, firstSeed + seeds)
                .mapToObj(this::run)
                .filter(report -> !report.passed())
                .findFirst();
    }

    /**
     * Runs seeds from the first one on.
     *
     * @throws AssertionError if one fails: which, why, and what happened last
     */
    public void check(long firstSeed, int seeds) {
        firstFailure(firstSeed, seeds).ifPresent(report -> {
            int from = Math.max(0, report.trace().size() - 40);
            throw new AssertionError("seed " + report.seed() + ": " + String.join("; ", report.violations())
                    + "\nThe last that happened:\n"
                    + String.join(
                            "\n", report.trace().subList(from, report.trace().size())));
        });
    }
}
