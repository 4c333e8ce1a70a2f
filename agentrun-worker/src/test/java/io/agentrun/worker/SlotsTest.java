package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which runs of a worker have a slot, and for how many it takes more. */
class SlotsTest {

    private final Slots<String> slots = new Slots<>(4);

    /** Takes and starts so many runs, of which each is named by its number. */
    private void started(int asked, int got) {
        slots.took(asked, got);
        for (int i = 0; i < got; i++) {
            slots.add("run " + i);
        }
        for (int i = 0; i < got; i++) {
            assertThat(slots.next()).isEqualTo("run " + i);
        }
        assertThat(slots.next()).isNull();
    }

    private void ending(int... runs) {
        for (int run : runs) {
            slots.ending("run " + run);
        }
    }

    @Test
    void all_slots_are_free_at_first_and_nothing_is_known_of_what_waits() {
        assertThat(slots.free()).isEqualTo(4);
        assertThat(slots.freeSoon()).isZero();
        assertThat(slots.isEmpty()).isTrue();
    }

    @Test
    void slots_count_as_free_once_the_agents_of_all_have_ended() {
        started(4, 4);
        ending(0, 1, 2);
        assertThat(slots.freeSoon()).isZero();

        ending(3);

        assertThat(slots.free()).isZero();
        assertThat(slots.freeSoon()).isEqualTo(4);
    }

    @Test
    void a_slot_that_is_free_counts_with_those_that_will_be() {
        started(4, 4);
        ending(1, 2);
        slots.gone("run 2");

        assertThat(slots.free()).isEqualTo(1);
        assertThat(slots.freeSoon()).isEqualTo(2);
    }

    @Test
    void a_take_that_found_less_than_it_asked_for_is_followed_by_none_before_its_slots_are_free() {
        started(4, 3);
        ending(0, 1, 2);

        assertThat(slots.free()).isEqualTo(1);
        assertThat(slots.freeSoon()).isZero();
    }

    @Test
    void what_was_taken_early_waits_for_a_slot_and_is_not_taken_for_twice() {
        started(4, 4);
        ending(0, 1, 2, 3);
        slots.took(3, 3);
        slots.add("first");
        slots.add("second");
        slots.add("third");
        assertThat(slots.next()).isNull();
        assertThat(slots.tooMany()).isEmpty();
        assertThat(slots.freeSoon()).isZero();

        slots.gone("run 1");

        assertThat(slots.next()).isEqualTo("first");
        assertThat(slots.next()).isNull();
        assertThat(slots.running()).containsExactlyInAnyOrder("run 0", "run 2", "run 3", "first");
    }

    @Test
    void the_last_that_were_taken_have_no_slot_where_runs_go_on() {
        started(4, 4);
        ending(0, 1, 2, 3);
        slots.took(4, 4);
        slots.add("first");
        slots.add("second");
        slots.add("third");
        slots.add("fourth");

        slots.goesOn("run 0");
        slots.goesOn("run 3");

        assertThat(slots.tooMany()).containsExactly("fourth", "third");
        assertThat(slots.tooMany()).isEmpty();
        slots.gone("run 1");
        slots.gone("run 2");
        assertThat(slots.next()).isEqualTo("first");
        assertThat(slots.next()).isEqualTo("second");
        assertThat(slots.next()).isNull();
    }

    @Test
    void nothing_is_empty_before_what_was_given_back_without_a_slot_is_gone() {
        slots.took(2, 2);
        slots.add("first");
        slots.add("second");

        assertThat(slots.withoutSlot()).containsExactly("second", "first");

        assertThat(slots.next()).isNull();
        assertThat(slots.free()).isEqualTo(4);
        slots.gone("second");
        assertThat(slots.isEmpty()).isFalse();
        slots.gone("first");
        assertThat(slots.isEmpty()).isTrue();
    }
}
