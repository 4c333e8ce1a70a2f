package io.agentrun.postgres.internal.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlatformThreadsTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private PlatformThreads threads = new PlatformThreads(1, 1, LONG);

    @AfterEach
    void close() {
        end.countDown();
        threads.close();
    }

    private String workUntilEnd() {
        begun.countDown();
        awaitUninterruptibly(end);
        return Thread.currentThread().getName();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertExhausted(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.POOL_EXHAUSTED);
            assertThat(e.retryable()).isTrue();
        });
    }

    @Test
    void one_call_more_than_may_wait_is_refused_at_once() {
        Future<Race.Finish<String>> working = Race.background(() -> threads.callElsewhere(this::workUntilEnd));
        awaitUninterruptibly(begun);
        Future<Race.Finish<String>> waiting = Race.background(() -> threads.callElsewhere(() -> "waited"));
        while (threads.waiting() == 0) {
            Thread.onSpinWait();
        }

        assertExhausted(() -> threads.callElsewhere(() -> "one too many"));
        end.countDown();

        assertThat(Race.await(working).value()).startsWith("agentrun-jdbc-");
        assertThat(Race.await(waiting).value()).isEqualTo("waited");
    }

    @Test
    void a_call_that_has_waited_too_long_is_refused_and_never_done() {
        PlatformThreads hasty = new PlatformThreads(1, 10, Duration.ofMillis(1));
        Future<Race.Finish<String>> working = Race.background(() -> hasty.callElsewhere(this::workUntilEnd));
        awaitUninterruptibly(begun);

        assertExhausted(() -> hasty.callElsewhere(() -> {
            throw new AssertionError("it was done");
        }));
        end.countDown();

        assertThat(Race.await(working).value()).isNotNull();
        hasty.close();
    }

    @Test
    void what_the_work_throws_is_thrown() {
        assertThatThrownBy(() -> threads.callElsewhere(() -> {
                    throw new NotFoundException("run", "r");
                }))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> threads.callElsewhere(() -> {
                    throw new AssertionError("broken");
                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void work_of_a_platform_thread_stays_on_it() {
        assertThat(threads.call(Thread::currentThread)).isSameAs(Thread.currentThread());
    }
}
