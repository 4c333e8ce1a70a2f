package io.agentrun.check;

import io.agentrun.error.InvalidInputException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rules for instants, for authors of stores and of records: microseconds, and years 1 to 9999.
 *
 * <p>Thread-safe.
 */
public final class Times {
    /** The earliest instant that a store keeps: the beginning of the year 1, UTC. */
    public static final Instant MIN = Instant.parse("0001-01-01T00:00:00Z");
    /** The latest instant that a store keeps: the last microsecond of the year 9999, UTC. */
    public static final Instant MAX = Instant.parse("9999-12-31T23:59:59.999999Z");

    private static final int NANOS_OF_A_MICRO = 1_000;

    private Times() {}

    /**
     * Returns the instant cut (never rounded) to microseconds; the same object where nothing had to be cut.
     *
     * @throws InvalidInputException if it is null, named "time"
     */
    public static Instant micros(Instant instant) {
        Instant given = Require.given("time", instant);
        int beyond = given.getNano() % NANOS_OF_A_MICRO;
        return beyond == 0 ? given : given.minusNanos(beyond);
    }

    /** Returns the instant cut to microseconds, or null for null. */
    public static @Nullable Instant microsOrNull(@Nullable Instant instant) {
        return instant == null ? null : micros(instant);
    }

    /**
     * Returns the instant cut to microseconds.
     *
     * @throws InvalidInputException if it is null, before {@link #MIN} or, once cut, after {@link #MAX}
     */
    public static Instant requireInRange(String field, @Nullable Instant instant) {
        Instant cut = micros(Require.given(field, instant));
        if (cut.isBefore(MIN) || cut.isAfter(MAX)) {
            throw new InvalidInputException(field, "must be between " + MIN + " and " + MAX);
        }
        return cut;
    }

    /** Returns the instant cut to microseconds, or null; a given one follows the rule of {@link #requireInRange}. */
    public static @Nullable Instant requireInRangeOrNull(String field, @Nullable Instant instant) {
        return instant == null ? null : requireInRange(field, instant);
    }
}
