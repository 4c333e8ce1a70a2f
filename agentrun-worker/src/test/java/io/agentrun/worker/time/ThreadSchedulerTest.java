package io.agentrun.worker.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThreadSchedulerTest {

    @Test
    void a_task_runs_not_before_its_time() throws InterruptedException {
        try (ThreadScheduler scheduler = ThreadScheduler.ofThreads(1)) {
            CountDownLatch done = new CountDownLatch(1);
            long begin = scheduler.nanoTime();

            scheduler.schedule(Duration.ofMillis(20), done::countDown);

            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(scheduler.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000);
        }
    }

    @Test
    void a_task_that_was_dropped_does_not_run() throws InterruptedException {
        try (ThreadScheduler scheduler = ThreadScheduler.ofThreads(1)) {
            AtomicInteger runs = new AtomicInteger();
            CountDownLatch later = new CountDownLatch(1);

            long begin;
            Scheduler.Timer dropped;
            do {
                // On a busy machine the task may run before this thread drops it; then this is repeated.
                begin = scheduler.nanoTime();
                runs.set(0);
                dropped = scheduler.schedule(Duration.ofMillis(20), runs::incrementAndGet);
                dropped.cancel();
            } while (scheduler.nanoTime() - begin > 10_000_000);
            dropped.cancel();
            scheduler.schedule(Duration.ofMillis(40), later::countDown);

            assertThat(later.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(runs).hasValue(0);
        }
    }

    @Test
    void tasks_share_no_more_threads_than_there_may_be() throws InterruptedException {
        try (ThreadScheduler scheduler = ThreadScheduler.ofThreads(3)) {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                scheduler.execute(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    done.countDown();
                });
            }

            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(most.get()).isBetween(1, 3);
        }
    }

    @Test
    void the_hosts_executor_gets_the_tasks() throws InterruptedException {
        List<Runnable> given = new ArrayList<>();
        CountDownLatch handed = new CountDownLatch(2);
        try (ThreadScheduler scheduler = ThreadScheduler.on(task -> {
            given.add(task);
            handed.countDown();
        })) {
            scheduler.execute(() -> {});
            scheduler.schedule(Duration.ofNanos(-1), () -> {});

            assertThat(handed.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(given).hasSize(2);
        }
    }

    @Test
    void a_scheduler_needs_a_thread() {
        assertThatThrownBy(() -> ThreadScheduler.ofThreads(0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ThreadScheduler.on(null)).isInstanceOf(InvalidInputException.class);
    }
}
