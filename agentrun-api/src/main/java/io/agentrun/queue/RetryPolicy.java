package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * What happens after a failed attempt.
 *
 * <p>Immutable.
 *
 * @param maxAttempts how many attempts there are in all: 1 to 100
 * @param delay how long a task waits after a failed attempt: 0 to 30 days, cut to microseconds
 */
public record RetryPolicy(int maxAttempts, @AsText Duration delay) {

    private static final Duration MAX_DELAY = Duration.ofDays(30);

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public RetryPolicy {
        maxAttempts = Require.between("maxAttempts", maxAttempts, 1, 100);
        delay = checked(Require.given("delay", delay));
    }

    /** Returns the policy of one attempt and no other. */
    public static RetryPolicy none() {
        return new RetryPolicy(1, Duration.ZERO);
    }

    /**
     * Returns the policy of so many attempts in all, with the delay between two of them.
     *
     * @throws InvalidInputException when a number is out of its bounds
     */
    public static RetryPolicy of(int maxAttempts, Duration delay) {
        return new RetryPolicy(maxAttempts, delay);
    }

    private static Duration checked(Duration delay) {
        if (delay.isNegative() || delay.compareTo(MAX_DELAY) > 0) {
            throw new InvalidInputException("delay", "must be from 0 to 30 days");
        }
        return delay.truncatedTo(ChronoUnit.MICROS);
    }
}
