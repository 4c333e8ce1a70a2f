package io.agentrun.rules.schedule;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.Deadlines;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The deadlines of what a schedule makes (T-4). */
class ScheduleRulesTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofMinutes(3);

    private static @Nullable Deadlines made(@Nullable Deadlines given, MissedPolicy missed) {
        NewQueueTask task = NewQueueTask.builder(OWNER, "nightly", "a task", SPEC)
                .deadlines(given)
                .build();
        NewSchedule schedule = NewSchedule.of("nightly", "0 2 * * *", "UTC", task)
                .withMissed(missed)
                .withBeginWithin(HOUR);
        return ScheduleRules.occurrence(ScheduleRules.put(schedule, null, NOW), NOW)
                .deadlines();
    }

    @Test
    void what_is_skipped_if_it_was_missed_must_begin_soon_and_keeps_what_it_was_given() {
        Deadlines given = new Deadlines(null, null, HOUR, GRACE);

        assertThat(made(given, MissedPolicy.SKIP)).isEqualTo(new Deadlines(NOW.plus(HOUR), null, HOUR, GRACE));
        assertThat(made(null, MissedPolicy.SKIP))
                .isEqualTo(new Deadlines(NOW.plus(HOUR), null, null, Deadlines.DEFAULT_GRACE));
    }

    @Test
    void what_is_made_up_for_has_the_deadlines_of_its_task() {
        Deadlines given = new Deadlines(null, null, HOUR, GRACE);

        for (MissedPolicy missed : MissedPolicy.values()) {
            if (missed != MissedPolicy.SKIP) {
                assertThat(made(given, missed)).isEqualTo(given);
                assertThat(made(null, missed)).isNull();
            }
        }
    }
}
