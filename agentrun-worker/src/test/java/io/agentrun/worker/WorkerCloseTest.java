package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.worker.testing.Background;
import java.time.Duration;
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
                .start();
        if (call.equals("release")) {
            Recorder.next(told.started);
        } else {
            gate.awaitCall();
        }

        Background<Boolean> closing = Background.run(() -> worker.close(Duration.ZERO));
        if (call.equals("release")) {
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

    @Test
    void a_close_while_the_store_is_away_ends_in_time_and_the_agent_with_it() throws Exception {
        Outage outage = new Outage(store);
        AgentWorker worker = worker(outage.store(), turn -> {
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
        AgentWorker worker = worker(store, turn -> {
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
