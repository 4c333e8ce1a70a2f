package io.agentrun.benchmark.measure;

import java.time.Duration;

/**
 * How long is measured. Warming up ends when each side has done so many calls that the compiler, the connections and the
 * plans are what they will be for the rest of a process's life, or after the most slices.
 *
 * <p>Immutable.
 *
 * @param slice how long each side works before the other's turn
 * @param rounds how many measured slices each side has
 * @param leastWarmUps how many slices each side has before them at least
 * @param mostWarmUps how many slices each side has before them at most
 * @param warmCalls after how many calls a side is warm
 */
public record Pace(Duration slice, int rounds, int leastWarmUps, int mostWarmUps, int warmCalls) {

    /** Exactly so many slices to warm up. */
    public static Pace of(Duration slice, int rounds, int warmUps) {
        return new Pace(slice, rounds, warmUps, warmUps, 0);
    }
}
