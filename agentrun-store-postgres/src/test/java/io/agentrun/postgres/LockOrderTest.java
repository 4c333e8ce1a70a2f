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
}
