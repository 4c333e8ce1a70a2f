package io.agentrun.benchmark.report;

import io.agentrun.benchmark.measure.Series;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table. What does not apply is null.
 *
 * <p>Immutable.
 *
 * @param scenario what was measured
 * @param threads how many callers there were at once
 * @param opsPerSecond how many operations (events, where a call appends many) all of them did in a second
 * @param p50Micros how long the middle call took
 * @param p99Micros what 99 of 100 calls did not exceed
 * @param limitPerSecond what the side it is compared with did in a second
 * @param ratio the median over the rounds of the one divided by the other
 * @param figure what was measured other than time
 */
public record Result(
        String scenario,
        int threads,
        @Nullable Double opsPerSecond,
        @Nullable Double p50Micros,
        @Nullable Double p99Micros,
        @Nullable Double limitPerSecond,
        @Nullable Double ratio,
        @Nullable Figure figure) {

    /**
     * A measure that is no time: bytes, or a share.
     *
     * <p>Immutable.
     *
     * @param value how much
     * @param unit of what
     */
    public record Figure(double value, String unit) {}

    /** A line without anything to compare with. */
    public static Result of(String scenario, int threads, Series ours) {
        return new Result(scenario, threads, ours.rate(), micros(ours, 0.5), micros(ours, 0.99), null, null, null);
    }

    /** A line of something that is compared with another that took turns with it. */
    public static Result of(String scenario, int threads, Series ours, Series limit) {
        return new Result(
                scenario,
                threads,
                ours.rate(),
                micros(ours, 0.5),
                micros(ours, 0.99),
                limit.rate(),
                ours.ratioTo(limit),
                null);
    }

    /** A line of something whose time counts, and not how often it is done in a second. */
    public static Result ofTimes(String scenario, int threads, Series ours) {
        return new Result(scenario, threads, null, micros(ours, 0.5), micros(ours, 0.99), null, null, null);
    }

    /** A line of a rate alone. */
    public static Result ofRate(String scenario, int threads, double opsPerSecond) {
        return new Result(scenario, threads, opsPerSecond, null, null, null, null, null);
    }

    /** A line of something else than time. */
    public static Result of(String scenario, int threads, double value, String unit) {
        return new Result(scenario, threads, null, null, null, null, null, new Figure(value, unit));
    }

    private static double micros(Series series, double share) {
        return series.latencies().micros(share);
    }
}
