package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.FinishedTurn;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.model.CancelMode;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What a worker does with an agent whose run or store is away. */
class AgentLeaseTest extends AgentWorkerScenario {

    @Test
    void an_agent_whose_run_is_taken_away_is_stopped_and_writes_nothing_more() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        BlockingQueue<Class<?>> refused = new LinkedBlockingQueue<>();
        try (AgentWorker worker = worker(store, turn -> {
                    try {
                        free.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    try {
                        turn.events().line("too late");
                    } catch (RuntimeException e) {
                        refused.add(e.getClass());
                    }
                    return DONE;
                })
                .start()) {
            QueueTask task = task("stolen");
            Turn turn = Recorder.next(told.started);
            store.runs().cancel(turn.run().id(), "now", CancelMode.FORCE);

            Recorder.next(told.lost);
            interrupted.await();

            assertThat(Recorder.next(refused)).isEqualTo(LeaseConflictException.class);
            assertThat(output(turn.run().id())).isEmpty();
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void while_the_store_is_away_the_agent_goes_on_and_its_output_arrives_once_and_in_order() throws Exception {
        Outage outage = new Outage(store);
        CountDownLatch away = new CountDownLatch(1);
        try (AgentWorker worker = worker(outage.store(), turn -> {
                    turn.events().line("before");
                    turn.events().flush();
                    away.await();
                    for (int i = 0; i < 100; i++) {
                        turn.events().line("line " + i);
                    }
                    free.countDown();
                    return DONE;
                })
                .start()) {
            task("patient");
            Turn turn = Recorder.next(told.started);
            store.events().await(turn.run().id(), 3, 10, Duration.ofSeconds(60));
            outage.begin();
            away.countDown();
            free.await();
            assertThat(output(turn.run().id())).containsExactly("before");
            outage.end();

            FinishedTurn finished = next(told.finished);

            assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
            List<String> lines = output(turn.run().id());
            assertThat(lines).hasSize(101);
            for (int i = 0; i < 100; i++) {
                assertThat(lines.get(i + 1)).isEqualTo("line " + i);
            }
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void an_agent_is_stopped_before_a_lease_ends_that_cannot_be_extended() throws Exception {
        Outage outage = new Outage(store);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (AgentWorker worker = worker(outage.store(), turn -> {
                    try {
                        free.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return DONE;
                })
                .lease(Duration.ofSeconds(2))
                .start()) {
            task("cut off");
            Turn turn = Recorder.next(told.started);
            outage.begin();

            assertThat(Recorder.next(told.lost)).contains("could not be extended");
            interrupted.await();

            assertThat(store.runs().get(turn.run().id()).status()).isEqualTo(RunStatus.RUNNING);
            assertThat(told.finished).isEmpty();
            outage.end();
            assertThat(worker).isNotNull();
        }
    }
}
