package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * By when a task or a run must have begun and ended. {@code AgentRunStore.upkeep} judges them: what has not begun in time ends at once;
 * what has not ended in time is asked to cancel, and ended by force when the grace is over.
 *
 * <p>Immutable.
 *
 * @param beginBy by when it must have begun: a task its first attempt, a run its first claim; null for any time
 * @param endBy by when it must have ended, all attempts included; null for any time
 * @param within how long each attempt of a task may take from its dispatch, a run from its creation, 1 second to 30 days; null for any
 *     time. A run that was created has its end as {@code endBy} instead
 * @param grace how long it is asked to cancel before it is ended by force, 0 to 1 day
 */
public record Deadlines(
        @AsText @Nullable Instant beginBy,
        @AsText @Nullable Instant endBy,
        @AsText @Nullable Duration within,
        @AsText Duration grace) {

    /** How long the grace is unless it is given. */
    public static final Duration DEFAULT_GRACE = Duration.ofMinutes(1);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1);

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException if a part is out of the bounds stated above, there is none but the grace, or the end comes before the
     *     begin
     */
    public Deadlines {
        beginBy = Times.requireInRangeOrNull("beginBy", beginBy);
        endBy = Times.requireInRangeOrNull("endBy", endBy);
        if (within != null) {
            if (within.compareTo(SHORTEST) < 0 || within.compareTo(LONGEST) > 0) {
                throw new InvalidInputException("within", "must be from 1 second to 30 days");
            }
            within = within.truncatedTo(ChronoUnit.MICROS);
        }
        if (Require.given("grace", grace).isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
            throw new InvalidInputException("grace", "must be from 0 to 1 day");
        }
        grace = grace.truncatedTo(ChronoUnit.MICROS);
        if (beginBy != null && endBy != null && endBy.isBefore(beginBy)) {
            throw new InvalidInputException("endBy", "must not be before beginBy");
        }
        if (beginBy == null && endBy == null && within == null) {
            throw new InvalidInputException("deadlines", "must say by when it begins or ends");
        }
    }

    /**
     * Returns the deadline of a begin.
     *
     * @throws InvalidInputException if it is null or out of the range of times
     */
    public static Deadlines beginBy(Instant beginBy) {
        return new Deadlines(Require.given("beginBy", beginBy), null, null, DEFAULT_GRACE);
    }

    /**
     * Returns the deadline of an end, with a grace of a minute.
     *
     * @throws InvalidInputException if it is null or out of the range of times
     */
    public static Deadlines endBy(Instant endBy) {
        return new Deadlines(null, Require.given("endBy", endBy), null, DEFAULT_GRACE);
    }

    /**
     * Returns the longest time of an attempt, with a grace of a minute.
     *
     * @throws InvalidInputException if it is null, shorter than 1 second or longer than 30 days
     */
    public static Deadlines within(Duration within) {
        return new Deadlines(null, null, Require.given("within", within), DEFAULT_GRACE);
    }

    /**
     * Returns a copy with another deadline of the begin; null for none.
     *
     * @throws InvalidInputException if nothing but the grace is left, or the end comes before it
     */
    public Deadlines withBeginBy(@Nullable Instant beginBy) {
        return new Deadlines(beginBy, endBy, within, grace);
    }

    /**
     * Returns a copy with another deadline of the end; null for none.
     *
     * @throws InvalidInputException if nothing but the grace is left, or it comes before the begin
     */
    public Deadlines withEndBy(@Nullable Instant endBy) {
        return new Deadlines(beginBy, endBy, within, grace);
    }

    /**
     * Returns a copy with another longest time of an attempt; null for any.
     *
     * @throws InvalidInputException if nothing but the grace is left, or it is out of its bounds
     */
    public Deadlines withWithin(@Nullable Duration within) {
        return new Deadlines(beginBy, endBy, within, grace);
    }

    /**
     * Returns a copy with another grace.
     *
     * @throws InvalidInputException if it is out of its bounds
     */
    public Deadlines withGrace(Duration grace) {
        return new Deadlines(beginBy, endBy, within, grace);
    }

    /** Returns a text of everything that is given: equal for equal deadlines. Audience: hashes of content. */
    public String fingerprint() {
        return beginBy + " " + endBy + " " + within + " " + grace;
    }
}
