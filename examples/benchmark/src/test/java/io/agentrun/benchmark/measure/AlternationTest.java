package io.agentrun.benchmark.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AlternationTest {

    private static final Pace PACE = Pace.of(Duration.ofHours(1), 4, 1);

    private final List<String> slices = new ArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();

    /** So many calls in each slice, and no more. */
    private final class Counted implements Client {
        private final int perSlice;
        private int done;

        Counted(int perSlice) {
            this.perSlice = perSlice;
        }

        @Override
        public boolean once() {
            if (done == perSlice) {
                done = 0;
                return false;
            }
            done++;
            return true;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    @Test
    void the_sides_take_turns_and_every_second_round_goes_the_other_way_round() throws SQLException {
        Alternation.of(PACE, List.of(side("a", 1), side("b", 1)));

        assertThat(slices).containsExactly("a", "b", "b", "a", "a", "b", "b", "a", "a", "b");
    }

    @Test
    void warm_up_slices_do_not_count() throws SQLException {
        List<Series> series = Alternation.of(PACE, List.of(side("a", 3)));

        assertThat(series.get(0).perSecond()).hasSize(4);
        assertThat(series.get(0).latencies().size()).isEqualTo(12);
    }

    @Test
    void warming_up_ends_when_all_sides_have_done_their_calls_and_not_later_than_is_said() throws SQLException {
        Alternation.of(new Pace(Duration.ofHours(1), 1, 1, 9, 10), List.of(side("a", 7), side("b", 5)));
        assertThat(slices).containsExactly("a", "b", "b", "a", "a", "b");

        slices.clear();
        Alternation.of(new Pace(Duration.ofHours(1), 1, 1, 3, 1_000), List.of(side("a", 1)));
        assertThat(slices).hasSize(3 + 1);
    }

    @Test
    void all_clients_of_a_side_work_and_all_are_closed() throws SQLException {
        Pace pace = Pace.of(Duration.ofHours(1), 1, 0);

        List<Series> series = Alternation.of(pace, List.of(Contender.of(5, i -> new Counted(2))));

        assertThat(series.get(0).latencies().size()).isEqualTo(10);
        assertThat(closed).hasValue(5);
    }

    @Test
    void a_slice_lasts_as_long_as_is_said_and_a_call_that_counts_for_many_counts_as_many() throws SQLException {
        AtomicLong nanos = new AtomicLong();
        Client tenMillis = () -> {
            nanos.addAndGet(10_000_000);
            return true;
        };
        Pace pace = Pace.of(Duration.ofSeconds(1), 2, 1);

        List<Series> series =
                Alternation.of(pace, List.of(Contender.of(1, i -> tenMillis).counting(50)), nanos::get);

        assertThat(series.get(0).perSecond()).containsExactly(5_000.0, 5_000.0);
        assertThat(series.get(0).latencies().size()).isEqualTo(200);
        assertThat(series.get(0).latencies().micros(1)).isEqualTo(10_000);
    }

    @Test
    void what_is_done_after_a_call_is_not_timed() throws SQLException {
        AtomicLong nanos = new AtomicLong();
        Client client = new Client() {
            @Override
            public boolean once() {
                nanos.addAndGet(10_000_000);
                return true;
            }

            @Override
            public void after() {
                nanos.addAndGet(990_000_000);
            }
        };
        Pace pace = Pace.of(Duration.ofSeconds(1), 1, 0);

        List<Series> series = Alternation.of(pace, List.of(Contender.of(1, i -> client)), nanos::get);

        assertThat(series.get(0).perSecond()).containsExactly(100.0);
    }

    @Test
    void what_does_nothing_has_a_rate_of_nothing() throws SQLException {
        Client still = () -> false;

        List<Series> series = Alternation.of(PACE, List.of(Contender.of(1, i -> still)), () -> 0);

        assertThat(series.get(0).rate()).isZero();
    }

    @Test
    void a_client_that_fails_ends_the_measurement_and_all_are_closed() {
        Client failing = () -> {
            throw new SQLException("broken");
        };

        assertThatThrownBy(() -> Alternation.of(
                        PACE, List.of(Contender.of(1, i -> failing), Contender.of(2, i -> new Counted(1)))))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("broken");
        assertThat(closed).hasValue(2);
    }

    private Contender side(String name, int perSlice) {
        List<String> seen = Collections.synchronizedList(slices);
        return Contender.of(1, i -> new Counted(perSlice)).before(() -> seen.add(name));
    }
}
