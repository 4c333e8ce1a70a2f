package io.agentrun.worker.schedule;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Reads the rules of schedules.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface Occurrences {

    /**
     * Returns the first occurrence later than the given time; empty if there is none any more.
     *
     * @throws io.agentrun.error.InvalidInputException naming {@code rule} if the rule cannot be read
     */
    Optional<Instant> next(String rule, ZoneId zone, Instant after);
}
