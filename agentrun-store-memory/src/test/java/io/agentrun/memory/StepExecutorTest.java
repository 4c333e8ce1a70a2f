package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.backend.StoreTx;
import io.agentrun.id.IdSource;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.rules.QueueRules;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Callers whose steps share a sync. */
class StepExecutorTest {

    private final Disk disk = new Disk();
    private final StepExecutor steps = new StepExecutor(new MemoryState(), Clock.systemUTC(), disk);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        disk.firstSync.countDown();
        disk.secondTidy.countDown();
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    /** One whose first sync and second tidying go on only when they are let. */
    private static final class Disk implements StepExecutor.Durability {
        private final CountDownLatch syncing = new CountDownLatch(1);
        private final CountDownLatch firstSync = new CountDownLatch(1);
        private final CountDownLatch tidying = new CountDownLatch(2);
        private final CountDownLatch secondTidy = new CountDownLatch(1);
        private final AtomicInteger syncs = new AtomicInteger();
        private final List<Write> kept = new ArrayList<>();

        @Override
        public void append(List<Write> changeSet) {
            kept.addAll(changeSet);
        }

        @Override
        public void sync() {
            if (syncs.incrementAndGet() == 1) {
                syncing.countDown();
                await(firstSync);
            }
        }

        @Override
        public void tidy(MemoryState state) {
            tidying.countDown();
            if (tidying.getCount() == 0) {
                await(secondTidy);
            }
        }

        /** As a file does it, whatever interrupts come meanwhile. */
        private static void await(CountDownLatch latch) {
            boolean interrupted = Thread.interrupted();
            while (latch.getCount() > 0) {
                try {
                    latch.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void resume() {}

        @Override
        public @Nullable String problem() {
            return null;
        }

        @Override
        public void close() {}
    }

    private static String create(StoreTx tx, String id) {
        NewQueueTask task = NewQueueTask.builder(new Owner("t", "p"), "q", id, RunSpec.of(BackendProfile.CODEX))
                .build();
        tx.write(QueueRules.create(task, id, tx.now()), IdSource.timeOrdered());
        return id;
    }

    /** Begins a call, and returns once its thread waits. */
    private CompletableFuture<String> waiting(String id) {
        return waiting(() -> steps.write(() -> {}, tx -> create(tx, id)));
    }

    private CompletableFuture<String> waiting(Supplier<String> call) {
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(
                () -> {
                    caller.complete(Thread.currentThread());
                    return call.get();
                },
                threads);
        awaitWaiting(Objects.requireNonNull(caller.join()));
        return answer;
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    @Test
    void callers_share_a_sync_and_whose_step_is_kept_waits_for_nobody() throws Exception {
        CompletableFuture<String> first = waiting("qt_1");
        disk.syncing.await();
        CompletableFuture<String> second = waiting("qt_2");
        CompletableFuture<String> third = waiting("qt_3");

        disk.firstSync.countDown();

        assertThat(first.get(1, TimeUnit.MINUTES)).isEqualTo("qt_1");
        disk.tidying.await();
        // One of them leads, and tidies up yet; the other needs nothing any more.
        assertThat(CompletableFuture.anyOf(second, third).get(1, TimeUnit.MINUTES))
                .isIn("qt_2", "qt_3");
        assertThat(disk.syncs).hasValue(2);
        assertThat(disk.kept).hasSize(3);
        disk.secondTidy.countDown();
        assertThat(second.get(1, TimeUnit.MINUTES)).isEqualTo("qt_2");
        assertThat(third.get(1, TimeUnit.MINUTES)).isEqualTo("qt_3");
    }

    @Test
    void an_error_in_a_step_is_its_callers_whoever_runs_it() throws Exception {
        CompletableFuture<String> first = waiting("qt_1");
        disk.syncing.await();
        CompletableFuture<String> second = waiting("qt_2");
        CompletableFuture<String> broken = waiting(() -> steps.write(() -> {}, tx -> {
            throw new AssertionError("broken");
        }));
        CompletableFuture<String> last = waiting("qt_4");
        disk.secondTidy.countDown();

        disk.firstSync.countDown();

        assertThat(first.get(1, TimeUnit.MINUTES)).isEqualTo("qt_1");
        assertThat(second.get(1, TimeUnit.MINUTES)).isEqualTo("qt_2");
        assertThat(last.get(1, TimeUnit.MINUTES)).isEqualTo("qt_4");
        assertThatThrownBy(() -> broken.get(1, TimeUnit.MINUTES))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(AssertionError.class);
    }

    @Test
    void an_interrupt_ends_no_wait_and_is_kept() throws Exception {
        CompletableFuture<String> first = waiting("qt_1");
        disk.syncing.await();
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(
                () -> {
                    caller.complete(Thread.currentThread());
                    steps.write(() -> {}, tx -> create(tx, "qt_2"));
                    return Thread.currentThread().isInterrupted();
                },
                threads);
        Thread waiting = Objects.requireNonNull(caller.join());
        awaitWaiting(waiting);
        waiting.interrupt();

        disk.secondTidy.countDown();
        disk.firstSync.countDown();

        assertThat(first.get(1, TimeUnit.MINUTES)).isEqualTo("qt_1");
        assertThat(second.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(disk.kept).hasSize(2);
    }
}
