package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Within which time a run must be claimed, counted anew whenever it is pending again. A run has one if its dispatch said so, until a
 * turn of it is acknowledged: then it was begun, and waits for its next claim without limit.
 *
 * <p>Immutable.
 *
 * @param within how long it may be pending: 1 second to 30 days, cut to microseconds
 * @param until when that is over; given exactly while the run is pending
 */
public record ClaimLimit(
        @AsText Duration within, @AsText @Nullable Instant until) {

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(30);

    /**
     * Checks the time.
     *
     * @throws InvalidInputException if the time is null, shorter than 1 second or longer than 30 days
     */
    public ClaimLimit {
        within = checked("within", within);
        until = Times.microsOrNull(until);
    }

    /**
     * Returns the time within which a run must be claimed, cut to microseconds.
     *
     * @throws InvalidInputException naming the field, if it is null, shorter than 1 second or longer than 30 days
     */
    public static Duration checked(String field, Duration within) {
        Duration given = Require.given(field, within);
        if (given.compareTo(SHORTEST) < 0 || given.compareTo(LONGEST) > 0) {
            throw new InvalidInputException(field, "must be from 1 second to 30 days");
        }
        return given.truncatedTo(ChronoUnit.MICROS);
    }

    /** Returns the limit of a run that is pending since then. */
    public static ClaimLimit of(Duration within, Instant since) {
        return new ClaimLimit(within, Times.micros(since).plus(within));
    }

    /** Returns the same limit, counted from then. */
    public ClaimLimit since(Instant value) {
        return of(within, value);
    }

    /** Returns the same limit, which nothing counts against. */
    public ClaimLimit stopped() {
        return until == null ? this : new ClaimLimit(within, null);
    }
}
