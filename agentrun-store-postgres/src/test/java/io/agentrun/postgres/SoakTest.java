package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.postgres.soak.Soak;
import io.agentrun.postgres.soak.SoakPlan;
import io.agentrun.postgres.soak.SoakReport;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two minutes of the soak; for other times and seeds there is its program, see CONTRIBUTING.md. */
@Tag("machine")
class SoakTest {

    @Test
    void two_minutes_of_kills_restarts_and_promotions_lose_nothing_and_leave_nothing_stuck() throws Exception {
        SoakReport report = Soak.run(new SoakPlan(Duration.ofMinutes(2), 1));

        System.out.println(report.line());
        assertThat(report.faults()).isEmpty();
        assertThat(report.idle()).isEmpty();
    }
}
