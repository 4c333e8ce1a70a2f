package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.worker.testing.Background;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A worker that takes the next tasks while the ends of turns are being stored. */
class EarlyTakeTest extends AgentWorkerScenario {

    private final AtomicInteger working = new AtomicInteger();
    private final AtomicInteger mostWorking = new AtomicInteger();

    /** Gives the run of the first task a second turn, and stays in that until the end of the test. */
    private TurnResult work(Turn turn) throws InterruptedException {
        mostWorking.accumulateAndGet(working.incrementAndGet(), Math::max);
        try {
            if (turn.prompt().equals("first")) {
                store.commands().create(turn.run().id(), NewCommand.turn(JsonObject.of("prompt", "further")));
            }
            if (turn.prompt().equals("further")) {
                free.await();
            }
            return DONE;
        } finally {
            working.decrementAndGet();
        }
    }

    private boolean taken(QueueTask task) {
        return store.queue().get(task.id()).attempts() == 1;
    }

    @Test
    void what_waits_is_taken_while_an_end_is_being_stored_and_begins_after_it() throws Exception {
        Gate gate = new Gate(store, "finishTurn");
        QueueTask one = task("one");
        QueueTask other = task("other");
        try (AgentWorker worker = worker(gate.store(), turn -> DONE).slots(1).start()) {
            gate.awaitCall();
            Background.until(() -> taken(other));
            assertThat(Recorder.next(told.started).task().id()).isEqualTo(one.id());
            assertThat(told.started).isEmpty();

            gate.open();

            assertThat(next(told.finished).run().id()).isEqualTo(latestRun(one));
            assertThat(next(told.finished).run().id()).isEqualTo(latestRun(other));
            assertThat(worker).isNotNull();
        }
        assertThat(told.released).isEmpty();
        assertThat(told.lost).isEmpty();
    }

    @Test
    void what_was_taken_for_a_slot_that_another_turn_keeps_is_given_back_at_once() throws Exception {
        Gate gate = new Gate(store, "finishTurn");
        task("first");
        QueueTask other = task("other");
        try (AgentWorker worker = worker(gate.store(), this::work).slots(1).start()) {
            gate.awaitCall();
            Background.until(() -> taken(other));

            gate.open();

            isGivenBackAndDoneElsewhere(other);
            free.countDown();
            assertThat(worker).isNotNull();
        }
        assertThat(mostWorking).hasValue(1);
    }

    @Test
    void what_is_taken_after_another_turn_has_kept_the_slot_is_given_back_at_once() throws Exception {
        Gate gate = Gate.afterFirst(store, "take");
        task("first");
        QueueTask other = task("other");
        try (AgentWorker worker = worker(gate.store(), this::work).slots(1).start()) {
            gate.awaitCall();
            assertThat(Recorder.next(told.started).prompt()).isEqualTo("first");
            assertThat(Recorder.next(told.started).prompt()).isEqualTo("further");

            gate.open();

            isGivenBackAndDoneElsewhere(other);
            free.countDown();
            assertThat(worker).isNotNull();
        }
        assertThat(mostWorking).hasValue(1);
    }

    private void isGivenBackAndDoneElsewhere(QueueTask task) throws InterruptedException {
        Run released = Recorder.next(told.released);
        assertThat(released.id()).isEqualTo(latestRun(task));
        Recorder toldElsewhere = new Recorder();
        try (AgentWorker elsewhere = AgentWorker.builder(store, "elsewhere")
                .queue("fixes")
                .listener(toldElsewhere)
                .agent(turn -> DONE)
                .start()) {
            FinishedTurn finished = next(toldElsewhere.finished);
            assertThat(finished.run().id()).isEqualTo(released.id());
            assertThat(elsewhere).isNotNull();
        }
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
        assertThat(store.queue().get(task.id()).attempts()).isEqualTo(1);
    }

    @Test
    void a_close_gives_back_what_waits_for_a_slot() throws Exception {
        Gate gate = new Gate(store, "finishTurn");
        task("one");
        QueueTask other = task("other");
        AgentWorker worker = worker(gate.store(), turn -> DONE).slots(1).start();
        gate.awaitCall();
        Background.until(() -> taken(other));

        Background<Boolean> closing = Background.run(() -> worker.close(Duration.ofMinutes(1)));

        assertThat(Recorder.next(told.released).id()).isEqualTo(latestRun(other));
        gate.open();
        closing.get();
        assertThat(told.finished).hasSize(1);
        assertThat(store.runs().get(latestRun(other)).lease()).isEmpty();
    }

    private String latestRun(QueueTask task) {
        return store.queue().get(task.id()).latestAttempt().runId();
    }
}
