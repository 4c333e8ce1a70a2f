package io.agentrun.tck.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Histories of a register and of a counter, of which some have an order and some have none. */
class LinearizerTest {

    private static Call<Integer> write(long from, long to, int value) {
        return new Call<>("write " + value, from, to, before -> value);
    }

    private static Call<Integer> read(long from, long to, int value) {
        return new Call<>("read " + value, from, to, before -> before == value ? before : null);
    }

    private static Call<Integer> increment(long from, long to, int answer) {
        return new Call<>("increment to " + answer, from, to, before -> before + 1 == answer ? answer : null);
    }

    private static boolean linearizable(List<Call<Integer>> history) {
        return Linearizer.order(0, history) != null;
    }

    @Test
    void calls_one_after_the_other_are_ordered_as_they_were() {
        assertThat(linearizable(List.of(write(1, 2, 7), read(3, 4, 7)))).isTrue();
        assertThat(linearizable(List.of(write(1, 2, 7), write(3, 4, 8), read(5, 6, 8))))
                .isTrue();
    }

    @Test
    void a_read_that_began_after_an_answered_write_and_does_not_see_it_is_refused() {
        assertThat(linearizable(List.of(write(1, 2, 7), read(3, 4, 0)))).isFalse();
    }

    @Test
    void a_read_beside_a_write_may_see_it_or_not() {
        assertThat(linearizable(List.of(write(1, 4, 7), read(2, 3, 7)))).isTrue();
        assertThat(linearizable(List.of(write(1, 4, 7), read(2, 3, 0)))).isTrue();
    }

    @Test
    void once_seen_a_write_is_not_unseen() {
        assertThat(linearizable(List.of(write(1, 8, 7), read(2, 3, 7), read(4, 5, 0))))
                .isFalse();
        assertThat(linearizable(List.of(write(1, 8, 7), read(2, 3, 0), read(4, 5, 7))))
                .isTrue();
    }

    @Test
    void an_update_that_was_lost_is_refused() {
        assertThat(linearizable(List.of(increment(1, 4, 1), increment(2, 3, 1), read(5, 6, 1))))
                .isFalse();
        assertThat(linearizable(List.of(increment(1, 4, 2), increment(2, 3, 1), read(5, 6, 2))))
                .isTrue();
    }

    @Test
    void two_readers_must_agree_on_the_order_of_two_writes() {
        assertThat(linearizable(List.of(write(1, 10, 1), write(2, 11, 2), read(3, 4, 1), read(5, 6, 2), read(7, 8, 1))))
                .isFalse();
    }

    @Test
    void a_call_whose_answer_was_lost_may_have_happened_at_any_time_or_never() {
        assertThat(linearizable(List.of(write(1, Call.OPEN, 7), read(2, 3, 0), read(4, 5, 7))))
                .isTrue();
        assertThat(linearizable(List.of(write(1, Call.OPEN, 7), read(2, 3, 0), read(4, 5, 0))))
                .isTrue();
        assertThat(linearizable(List.of(write(3, Call.OPEN, 7), read(1, 2, 7)))).isFalse();
        assertThat(linearizable(List.of(write(1, Call.OPEN, 7), read(2, 3, 7), read(4, 5, 0))))
                .isFalse();
    }

    @Test
    void an_order_that_was_found_agrees_with_time_and_model() {
        List<Call<Integer>> history =
                List.of(write(1, 9, 5), read(2, 4, 0), increment(3, 8, 6), read(5, 7, 5), read(10, 11, 6));

        List<Call<Integer>> order = Linearizer.order(0, history);

        assertThat(order).containsExactlyInAnyOrderElementsOf(history);
        assertThat(order).first().isEqualTo(history.get(1));
        assertThat(order).last().isEqualTo(history.get(4));
    }

    @Test
    void a_refusal_prints_the_history_and_how_far_an_order_came() {
        assertThatNoException().isThrownBy(() -> Linearizer.check(0, List.of(write(1, 2, 7))));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Linearizer.check(0, List.of(write(1, 2, 7), read(3, 4, 0))))
                .withMessageContaining("[1 to 2] write 7")
                .withMessageContaining("[3 to 4] read 0")
                .withMessageContaining("The longest order found:");
    }

    @Test
    void the_search_agrees_with_trying_every_order() {
        int refused = 0;
        for (int seed = 0; seed < 3_000; seed++) {
            List<Call<Integer>> history = random(new Random(seed));
            boolean expected = anyOrder(0, new ArrayList<>(history));
            assertThat(linearizable(history)).as("seed %d: %s", seed, history).isEqualTo(expected);
            refused += expected ? 0 : 1;
        }
        assertThat(refused).isBetween(500, 2_900);
    }

    private static List<Call<Integer>> random(Random random) {
        List<Call<Integer>> history = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long from = random.nextInt(20);
            long to = from + 1 + random.nextInt(8);
            int value = random.nextInt(3);
            history.add(
                    switch (random.nextInt(3)) {
                        case 0 -> write(from, to, value);
                        case 1 -> read(from, to, value);
                        default -> increment(from, to, value + 1);
                    });
        }
        return history;
    }

    /** Without any cleverness: every order, each compared with the times of all that is left. */
    private static boolean anyOrder(int state, List<Call<Integer>> left) {
        if (left.isEmpty()) {
            return true;
        }
        for (Call<Integer> call : left) {
            boolean early = left.stream().noneMatch(other -> other.returned() < call.invoked());
            Integer next = early ? call.transition().apply(state) : null;
            if (next != null) {
                List<Call<Integer>> rest = new ArrayList<>(left);
                rest.remove(call);
                if (anyOrder(next, rest)) {
                    return true;
                }
            }
        }
        return false;
    }
}
