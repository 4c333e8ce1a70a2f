package io.agentrun.run;

import io.agentrun.check.Require;

/**
 * How often a run was begun, and how often it may be. A recovery begins another attempt if a turn was acknowledged and not
 * ended; otherwise nothing was begun, and it counts a start. A release does neither.
 *
 * <p>Immutable.
 *
 * @param current the attempt that the run is at, 1 or more
 * @param max the last one that there may be, 1 to 100
 * @param starts how often a runner has let its lease run out without having begun anything, since a turn was last
 *     acknowledged; 0 or more
 */
public record RunAttempts(int current, int max, int starts) {
    /** The most attempts that a run may have. */
    public static final int LIMIT = 100;

    public RunAttempts {
        Require.between("maxAttempts", max, 1, LIMIT);
        Require.between("attempt", current, 1, max);
        Require.between("starts", starts, 0, Integer.MAX_VALUE);
    }

    /** Returns the first of the given number of attempts. */
    public static RunAttempts first(int max) {
        return new RunAttempts(1, max, 0);
    }

    /** Returns whether no attempt follows this one. */
    public boolean exhausted() {
        return current >= max;
    }

    /**
     * Returns the attempt after this one.
     *
     * @throws io.agentrun.error.InvalidInputException if there is none
     */
    public RunAttempts next() {
        return new RunAttempts(current + 1, max, starts);
    }

    /** Returns the same attempt with so many starts. */
    public RunAttempts withStarts(int value) {
        return new RunAttempts(current, max, value);
    }
}
