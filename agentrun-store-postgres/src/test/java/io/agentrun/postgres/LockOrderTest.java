package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.postgres.internal.db.LockOrder;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import org.junit.jupiter.api.Test;

class LockOrderTest {

    @Test
    void locks_are_taken_by_rank_and_within_a_rank_by_id() {
        LockOrder order = new LockOrder();

        order.take(Rank.SESSION, "s");
        order.take(Rank.RUN, "a");
        order.take(Rank.RUN, "b");
        order.take(Rank.TASK, null);

        assertThatThrownBy(() -> order.take(Rank.RUN, "c")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> order.take(Rank.SESSION, "s")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_lower_id_of_the_same_rank_is_refused() {
        LockOrder order = new LockOrder();
        order.take(Rank.RUN, "b");

        assertThatThrownBy(() -> order.take(Rank.RUN, "a")).isInstanceOf(IllegalStateException.class);
    }

    /** A row that nobody else had is locked at any time; what is waited for afterwards must stand behind it. */
    @Test
    void a_lock_that_nobody_had_counts_for_those_that_follow() {
        LockOrder order = new LockOrder();
        order.hold(Rank.TASK, "t");
        order.hold(Rank.SESSION, "s");

        assertThatThrownBy(() -> order.take(Rank.SESSION, "s")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> order.take(Rank.TASK, "a")).isInstanceOf(IllegalStateException.class);
        order.take(Rank.TASK, "u");
    }

    @Test
    void rows_of_the_same_rank_as_a_skipped_locked_row_are_not_waited_for() {
        LockOrder order = new LockOrder();
        order.hold(Rank.SESSION, "b");
        order.hold(Rank.SESSION, "a");

        assertThatThrownBy(() -> order.take(Rank.SESSION, "c")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void locks_that_found_no_row_are_forgotten() {
        LockOrder order = new LockOrder();
        order.take(Rank.SESSION, "s");
        LockOrder.State before = order.state();
        order.take(Rank.TASK, null);

        order.restore(before);

        order.take(Rank.RUN, "r");
        assertThatThrownBy(() -> order.take(Rank.SESSION, "t")).isInstanceOf(IllegalStateException.class);
    }
}
