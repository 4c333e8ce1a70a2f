package io.agentrun.benchmark.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a line is to reach.
 *
 * <p>Immutable.
 *
 * @param kind what of it counts
 * @param bound the number that it must reach or must not exceed
 */
public record Goal(Kind kind, double bound) {

    /** What of a line counts. */
    public enum Kind {
        /** The ratio, at least. */
        RATIO,
        /** The operations in a second, at least. */
        RATE,
        /** The middle call, in microseconds, at most. */
        MEDIAN
    }

    /** Whether the line reaches it; a line that lacks what counts does not. */
    public boolean reachedBy(Result result) {
        return switch (kind) {
            case RATIO -> atLeast(result.ratio());
            case RATE -> atLeast(result.opsPerSecond());
            case MEDIAN -> {
                Double median = result.p50Micros();
                yield median != null && median <= bound;
            }
        };
    }

    private boolean atLeast(@Nullable Double value) {
        return value != null && value >= bound;
    }

    /** The goal as it stands in the table. */
    @Override
    public String toString() {
        return switch (kind) {
            case RATIO -> String.format(Locale.ROOT, ">= %.2f x", bound);
            case RATE -> String.format(Locale.ROOT, ">= %,.0f/s", bound);
            case MEDIAN -> String.format(Locale.ROOT, "<= %,.0f us", bound);
        };
    }
}
