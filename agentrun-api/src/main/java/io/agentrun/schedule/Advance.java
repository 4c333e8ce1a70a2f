package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What comes next in a schedule.
 *
 * <p>Immutable.
 *
 * @param key which schedule
 * @param expectedLast up to which time its occurrences were made when the caller looked
 * @param next the time of the occurrence to make, later than {@code expectedLast}; null if the rule has no further one
 */
public record Advance(
        ScheduleKey key,
        @AsText Instant expectedLast,
        @AsText @Nullable Instant next) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing, a time is out of its range, or the next is not later
     */
    public Advance {
        key = Require.given("key", key);
        expectedLast = Times.micros(Require.given("expectedLast", expectedLast));
        next = Times.requireInRangeOrNull("next", next);
        if (next != null && !next.isAfter(expectedLast)) {
            throw new InvalidInputException("next", "must be later than expectedLast");
        }
    }
}
