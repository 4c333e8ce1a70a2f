package io.agentrun.tck.simulation;

import java.time.Duration;

/**
 * What the agent of a task does. Immutable.
 *
 * @param lines how many lines it writes
 * @param pause how long it works before each
 */
record Work(int lines, Duration pause) {

    /** Returns the n-th line under a lease. */
    String line(long epoch, int n) {
        return epoch + "/" + n;
    }
}
