package io.agentrun.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoalsTest {

    @Test
    void a_ratio_is_to_be_reached() {
        Goal goal = new Goal(Goal.Kind.RATIO, 2);

        assertThat(goal.reachedBy(ratio(Names.APPEND_SPREAD, 32, 2.0))).isTrue();
        assertThat(goal.reachedBy(ratio(Names.APPEND_SPREAD, 32, 1.99))).isFalse();
        assertThat(goal.reachedBy(Result.ofRate(Names.APPEND_SPREAD, 32, 5))).isFalse();
    }

    @Test
    void a_rate_is_to_be_reached_and_a_median_not_to_be_exceeded() {
        Goal rate = new Goal(Goal.Kind.RATE, 20_000);
        Goal median = new Goal(Goal.Kind.MEDIAN, 1_000);

        assertThat(rate.reachedBy(Result.ofRate("x", 1, 20_000))).isTrue();
        assertThat(rate.reachedBy(Result.ofRate("x", 1, 19_999))).isFalse();
        assertThat(median.reachedBy(new Result("x", 1, null, 1_000.0, null, null, null, null)))
                .isTrue();
        assertThat(median.reachedBy(new Result("x", 1, null, 1_001.0, null, null, null, null)))
                .isFalse();
        assertThat(median.reachedBy(Result.ofRate("x", 1, 1))).isFalse();
    }

    @Test
    void a_goal_may_be_for_a_number_of_threads_or_for_any() {
        assertThat(Goals.of(ratio(Names.APPEND_SPREAD, 1, 1))).contains(new Goal(Goal.Kind.RATIO, 0.7));
        assertThat(Goals.of(ratio(Names.APPEND_SPREAD, 32, 1))).contains(new Goal(Goal.Kind.RATIO, 2));
        assertThat(Goals.of(ratio(Names.APPEND_SPREAD, 3, 1))).isEmpty();
        assertThat(Goals.of(ratio(Names.APPEND_50_SPREAD, 3, 1))).contains(new Goal(Goal.Kind.RATIO, 10));
        assertThat(Goals.of(ratio("something else", 1, 1))).isEmpty();
    }

    @Test
    void a_life_is_measured_by_what_the_former_manager_did_beside_its_limit() {
        // 19 lives beside 2,000 inserts alone, 29 beside 4,600 with 32 callers: five and eight times as many.
        assertThat(Goals.of(ratio(Names.LIFE, 1, 1))).contains(new Goal(Goal.Kind.RATIO, 0.0475));
        assertThat(Goals.of(ratio(Names.LIFE, 32, 1)).orElseThrow().bound()).isBetween(0.0504, 0.0505);
    }

    private static Result ratio(String scenario, int threads, double ratio) {
        return new Result(scenario, threads, 1.0, 1.0, 1.0, 1.0, ratio, null);
    }
}
