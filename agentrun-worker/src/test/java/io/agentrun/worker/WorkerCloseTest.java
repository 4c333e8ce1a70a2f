package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.worker.testing.Background;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A worker that is closed while one of its calls is under way, whichever it is. */
class WorkerCloseTest extends AgentWorkerScenario {

    @TestFactory
    Stream<DynamicTest> a_close_during_each_call_leaves_the_run_finished_or_to_be_taken_by_another() {
        return Stream.of("take", "acknowledgeAll", "append", "finishTurn", "awaitAny", "release")
                .map(call -> DynamicTest.dynamicTest(call, () -> close(call)));
    }

    private void close(String call) throws Exception {
        Gate gate = new Gate(store, call);
        QueueTask task = task("closed in " + call);
        AgentWorker worker = worker(gate.store(), turn -> {
                    turn.events().line("begun");
                    turn.events().flush();
                    if (call.equals("awaitAny") || call.equals("release")) {
                        free.await();
                    }
                    return DONE;
                })
                .stopGrace(call.equals("release") ? Duration.ofHours(1) : Duration.ofMillis(200))
                .start();
        Turn begun = null;
        if (call.equals("release")) {
            begun = startedFor(task);
        } else {
            gate.awaitCall();
        }

        Background<Boolean> closing = Background.run(() -> worker.close(Duration.ZERO));
        if (begun != null) {
            Background.until(begun::cancelled);
            free.countDown();
            gate.awaitCall();
        } else {
            closing.awaitBlocked();
        }
        gate.open();
        closing.get();

        // It may still be giving the run back: a close waits no longer than it says.
        Background.until(() -> store.runs().list(RunQuery.in(TenantScope.all())).items().stream()
                .allMatch(run -> run.lease().isEmpty()));
        assertThat(told.lost).isEmpty();
        try (AgentWorker other = AgentWorker.builder(store, "other")
                .queue("fixes")
                .agent(turn -> DONE)
                .start()) {
            Background.until(() -> store.queue().get(task.id()).state() == TaskState.COMPLETED);
            assertThat(other).isNotNull();
        }
        Run run = store.runs().get(store.queue().get(task.id()).latestAttempt().runId());
        assertThat(run.isTerminal()).isTrue();
        assertThat(store.queue().get(task.id()).attempts()).isEqualTo(1);
    }

    /** The turn of a task; the cases of one factory share their listener, which heard of the turns before it too. */
    private Turn startedFor(QueueTask task) throws InterruptedException {
        Turn turn;
        do {
            turn = Recorder.next(told.started);
        } while (!turn.task().id().equals(task.id()));
        return turn;
    }

    @Test
    void a_take_that_comes_to_its_call_after_the_close_does_not_wait_for_tasks() throws Exception {
        List<String> calls = new CopyOnWriteArrayList<>();
        try (AgentRunStore heard = InMemoryAgentRunStore.builder()
                        .listener(call -> calls.add(call.name()))
                        .build();
                ThreadScheduler threads = ThreadScheduler.ofThreads(4)) {
            LateTake scheduler = new LateTake(threads);
            AgentWorker worker =
                    worker(heard, turn -> DONE).scheduler(scheduler).start();
            scheduler.held.await();

            Background<Boolean> closing = Background.run(() -> worker.close(Duration.ofMinutes(1)));
            scheduler.closed.await();
            scheduler.letTake();
            closing.get();
        }

        assertThat(calls).doesNotContain("queue.take");
    }

    /** Holds what a worker executes second, its first take, until the third, its close, is done. */
    private static final class LateTake implements Scheduler {

        private final ThreadScheduler threads;
        private final AtomicInteger number = new AtomicInteger();
        private final AtomicReference<Runnable> take = new AtomicReference<>();
        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        private LateTake(ThreadScheduler threads) {
            this.threads = threads;
        }

        private void letTake() {
            threads.execute(take.get());
        }

        @Override
        public void execute(Runnable task) {
            switch (number.incrementAndGet()) {
                case 2 -> {
                    take.set(task);
                    held.countDown();
                }
                case 3 ->
                    threads.execute(() -> {
                        task.run();
                        closed.countDown();
                    });
                default -> threads.execute(task);
            }
        }

        @Override
        public long nanoTime() {
            return threads.nanoTime();
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return threads.schedule(delay, task);
        }
    }

    @Test
    void a_close_while_the_store_is_away_ends_in_time_and_the_agent_with_it() throws Exception {
        Outage outage = new Outage(store);
        AgentWorker worker = impatient(outage.store(), turn -> {
                    free.await();
                    return DONE;
                })
                .start();
        task("cut off");
        Turn turn = Recorder.next(told.started);
        outage.begin();

        worker.close(Duration.ZERO);

        // Nobody could give the run back: its lease runs out, and it is recovered.
        assertThat(turn.cancelled()).isTrue();
        assertThat(store.runs().get(turn.run().id()).lease()).isPresent();
        outage.end();
    }

    @Test
    void a_second_close_at_the_same_time_waits_for_the_same_end() throws Exception {
        AgentWorker worker = impatient(store, turn -> {
                    free.await();
                    return DONE;
                })
                .start();
        task("closed twice");
        Turn turn = Recorder.next(told.started);

        Background<Boolean> first = Background.run(() -> worker.close(Duration.ofHours(1)));
        Background<Boolean> second = Background.run(() -> worker.close(Duration.ZERO));
        first.get();
        second.get();

        assertThat(store.runs().get(turn.run().id()).lease()).isEmpty();
        assertThat(told.released).hasSize(1);
    }
}
