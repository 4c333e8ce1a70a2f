package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;
import java.util.List;

/**
 * Schedules that are to be advanced, and the time by the store's clock, by which it is said what has been missed.
 *
 * <p>Immutable.
 *
 * @param schedules active ones whose last occurrence is not in the future
 * @param now the time of the store
 */
public record DueSchedules(List<Schedule> schedules, @AsText Instant now) {

    public DueSchedules {
        schedules = Require.items("schedules", schedules);
        now = Times.micros(Require.given("now", now));
    }
}
