package io.agentrun.postgres.soak;

import java.time.Duration;

/**
 * How long a soak goes on, and which faults it draws.
 *
 * <p>Immutable.
 *
 * @param time from the first work to the end of the last fault
 * @param seed of the order and times of the faults; what meets whom is up to the machine
 */
public record SoakPlan(Duration time, long seed) {}
