package io.agentrun.benchmark.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void a_percentile_is_the_time_that_so_many_calls_did_not_exceed() {
        Latencies latencies = new Latencies();
        for (int i = 5_000; i >= 1; i--) {
            latencies.add(i * 1_000L);
        }

        assertThat(latencies.micros(0.5)).isEqualTo(2_500);
        assertThat(latencies.micros(0.99)).isEqualTo(4_950);
        assertThat(latencies.micros(1)).isEqualTo(5_000);
        assertThat(latencies.micros(0.0001)).isEqualTo(1);
    }

    @Test
    void a_single_call_is_every_percentile() {
        Latencies latencies = new Latencies();
        latencies.add(1_500);

        assertThat(latencies.micros(0.5)).isEqualTo(1.5);
        assertThat(latencies.micros(0.99)).isEqualTo(1.5);
    }

    @Test
    void calls_that_are_added_later_count_too() {
        Latencies latencies = new Latencies();
        latencies.add(9_000);
        assertThat(latencies.micros(0.5)).isEqualTo(9);

        Latencies others = new Latencies();
        for (int i = 0; i < 3_000; i++) {
            others.add(2_000);
        }
        latencies.addAll(others);
        latencies.addAll(new Latencies());

        assertThat(latencies.size()).isEqualTo(3_001);
        assertThat(latencies.micros(0.5)).isEqualTo(2);
        assertThat(latencies.micros(1)).isEqualTo(9);
    }

    @Test
    void without_calls_there_is_no_percentile() {
        assertThat(new Latencies().micros(0.5)).isNaN();
    }

    @Test
    void a_share_of_nothing_or_of_more_than_all_is_refused() {
        Latencies latencies = new Latencies();

        assertThatThrownBy(() -> latencies.micros(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> latencies.micros(1.01)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> latencies.micros(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
