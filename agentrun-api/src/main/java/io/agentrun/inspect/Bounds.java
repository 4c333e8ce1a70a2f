package io.agentrun.inspect;

import io.agentrun.check.Require;

/**
 * How much an examination reads at most. What is beyond is left out, and the diagnosis says that it is not complete.
 *
 * <p>Immutable.
 *
 * @param records the most runs, the most sessions and the most tasks; 10,000 unless given
 * @param eventsPerRun the most events, and the most commands, of one run; 10,000 unless given
 * @param page the most records in one call of the store; 50 unless given, which every store allows
 */
public record Bounds(int records, int eventsPerRun, int page) {

    /** The bounds unless others are given. */
    public static final Bounds DEFAULTS = new Bounds(10_000, 10_000, 50);

    /**
     * Checks the numbers.
     *
     * @throws io.agentrun.error.InvalidInputException if one is below 1
     */
    public Bounds {
        Require.between("records", records, 1, Integer.MAX_VALUE);
        Require.between("eventsPerRun", eventsPerRun, 1, Integer.MAX_VALUE);
        Require.between("page", page, 1, Integer.MAX_VALUE);
    }

    /** Returns bounds with another number of runs, sessions and tasks. */
    public Bounds withRecords(int value) {
        return new Bounds(value, eventsPerRun, page);
    }

    /** Returns bounds with another number of events and commands of a run. */
    public Bounds withEventsPerRun(int value) {
        return new Bounds(records, value, page);
    }

    /** Returns bounds with another size of page, at most the store's {@code maxPage}. */
    public Bounds withPage(int value) {
        return new Bounds(records, eventsPerRun, value);
    }
}
