package io.agentrun.postgres.internal.shortcut;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which waiter starts a batch, where a batch in flight is held up. */
class GroupQueueTest {

    @Test
    void whoever_comes_after_one_who_ran_out_of_patience_does_not_wait_for_what_holds_the_first_batch_up() {
        GroupQueue<String, String> queue = new GroupQueue<>(1, 100, 1_000);
        Waiter<String, String> heldUp = waiter("held up");
        Waiter<String, String> impatient = waiter("impatient");
        assertThat(queue.enter(heldUp)).isSameAs(heldUp);
        assertThat(queue.enter(impatient)).isNull();
        assertThat(queue.startImpatiently(impatient)).isTrue();
        Waiter<String, String> beside = waiter("beside");
        assertThat(queue.enter(beside)).isNull();

        assertThat(queue.leave(batch(impatient))).isSameAs(beside);
        queue.startElected();
        assertThat(queue.leave(batch(beside))).isNull();
        Waiter<String, String> later = waiter("later");
        assertThat(queue.enter(later)).isSameAs(later);

        assertThat(queue.leave(batch(heldUp))).isNull();
        Waiter<String, String> last = waiter("last");
        assertThat(queue.enter(last)).isNull();
        assertThat(queue.leave(batch(later))).isSameAs(last);
    }

    private static Waiter<String, String> waiter(String name) {
        return new Waiter<>(name, name, 1, 0);
    }

    private static List<Waiter<String, String>> batch(Waiter<String, String> executor) {
        return Objects.requireNonNull(executor.batch());
    }
}
