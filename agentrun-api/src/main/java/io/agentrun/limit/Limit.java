package io.agentrun.limit;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many attempts of tasks may run at once, or may begin in a period, for one value or for each value of a key. The limit of one
 * value stands in place of the one for each value, whichever is larger.
 *
 * <p>Immutable.
 *
 * @param key which tasks it counts together
 * @param most how many: 0 to 1,000; with 0 nothing begins
 * @param period for a limit of starts: in each window of this length, 1 second to 31 days, cut to microseconds; null for a limit of
 *     what runs at once
 */
public record Limit(
        LimitKey key, int most, @AsText @Nullable Duration period) {

    /** The largest limit. */
    public static final int MOST = 1_000;

    /** The shortest period. */
    public static final Duration SHORTEST_PERIOD = Duration.ofSeconds(1);

    /** The longest period. */
    public static final Duration LONGEST_PERIOD = Duration.ofDays(31);

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when the key is missing, or the number or the period is out of the bounds stated above
     */
    public Limit {
        key = Require.given("key", key);
        Require.between("most", most, 0, MOST);
        if (period != null) {
            if (period.compareTo(SHORTEST_PERIOD) < 0 || period.compareTo(LONGEST_PERIOD) > 0) {
                throw new InvalidInputException("period", "must be from 1 second to 31 days");
            }
            period = period.truncatedTo(ChronoUnit.MICROS);
        }
    }

    /**
     * Returns a limit of what runs at once.
     *
     * @throws InvalidInputException when the key is missing or the number is out of its bounds
     */
    public static Limit running(LimitKey key, int most) {
        return new Limit(key, most, null);
    }

    /**
     * Returns a limit of starts in each window of the period.
     *
     * @throws InvalidInputException when the key or the period is missing, or one is out of its bounds
     */
    public static Limit starts(LimitKey key, int most, Duration period) {
        return new Limit(key, most, Require.given("period", period));
    }

    /** Returns what it counts. */
    public LimitKind kind() {
        return period == null ? LimitKind.RUNNING : LimitKind.STARTS;
    }

    /** Returns in words how many it allows, such as {@code 5 running} or {@code 30 starts in PT1M}. */
    public String text() {
        return most + (period == null ? " running" : " starts in " + period);
    }
}
