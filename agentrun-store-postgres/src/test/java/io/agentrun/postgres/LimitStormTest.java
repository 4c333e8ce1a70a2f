package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.postgres.soak.LimitStorm;
import io.agentrun.postgres.soak.SoakPlan;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A minute of the storm on limits; for other times and seeds there is its program, see CONTRIBUTING.md. */
@Tag("machine")
class LimitStormTest {

    @Test
    void a_minute_of_kills_exceeds_no_limit_and_leaves_no_slot_over() throws Exception {
        LimitStorm.Report report = LimitStorm.run(new SoakPlan(Duration.ofMinutes(1), 1));

        System.out.println(report.line());
        assertThat(report.faults()).isEmpty();
        assertThat(report.attempts()).isPositive();
    }
}
