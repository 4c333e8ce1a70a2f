package io.agentrun.benchmark.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {

    @Test
    void the_rate_is_the_median_of_the_slices() {
        assertThat(series(300.0, 100.0, 200.0).rate()).isEqualTo(200);
        assertThat(series(300.0, 100.0).rate()).isEqualTo(200);
        assertThat(series(7.0).rate()).isEqualTo(7);
    }

    @Test
    void without_slices_there_is_no_rate() {
        assertThat(series().rate()).isNaN();
    }

    @Test
    void the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_the_medians() {
        Series ours = series(100.0, 10.0, 90.0);
        Series limit = series(200.0, 10.0, 100.0);

        assertThat(ours.ratioTo(limit)).isEqualTo(0.9);
    }

    private static Series series(Double... perSecond) {
        return new Series(List.of(perSecond), new Latencies());
    }
}
