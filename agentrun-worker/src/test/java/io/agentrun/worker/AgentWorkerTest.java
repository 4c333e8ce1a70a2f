package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** A worker on threads, on the store in memory: what it does with tasks, agents and faults. */
class AgentWorkerTest extends AgentWorkerScenario {

    @Test
    void a_process_is_an_agent_in_a_few_lines() throws Exception {
        AgentWorker worker = AgentWorker.builder(store, "codex-host")
                .queue("fixes")
                .backends(Set.of(BackendProfile.CODEX))
                .slots(8)
                .listener(told)
                .agent(turn -> {
                    Process codex = turn.start(
                            new ProcessBuilder("sh", "-c", "read steer; echo \"$0 $steer\"; echo done", turn.prompt()));
                    turn.onSteer(steer -> write(codex, steer));
                    turn.output(codex.getInputStream());
                    return turn.exit(codex);
                })
                .start();
        QueueTask task = task("fix it");
        Turn turn = Recorder.next(told.started);
        Command steer =
                store.commands().create(turn.run().id(), NewCommand.steer(JsonObject.of("prompt", "rather so")));

        FinishedTurn finished = next(told.finished);

        assertThat(finished.run().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
        assertThat(output(finished.run().id())).containsExactly("fix it rather so", "done");
        assertThat(store.commands().get(steer.id()).state().terminal()).isTrue();
        worker.close(Duration.ZERO);
    }

    private static void write(Process process, Command steer) {
        try {
            process.getOutputStream()
                    .write((steer.payload().string("prompt").orElse("") + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void an_agent_that_throws_fails_its_task_and_the_worker_goes_on() throws Exception {
        try (AgentWorker worker = worker(store, turn -> {
                    if (turn.prompt().equals("bad")) {
                        throw new AssertionError("broken");
                    }
                    return DONE;
                })
                .start()) {
            QueueTask bad = task("bad");
            FinishedTurn failed = next(told.finished);
            QueueTask good = task("good");
            next(told.finished);

            assertThat(failed.run().outcome()).isNotNull();
            assertThat(failed.run().outcome().message()).contains("broken");
            assertThat(store.queue().get(bad.id()).state()).isEqualTo(TaskState.FAILED);
            assertThat(store.queue().get(good.id()).state()).isEqualTo(TaskState.COMPLETED);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void many_tasks_share_the_slots_and_each_is_worked_on_once() throws Exception {
        Set<String> prompts = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            task("task " + i);
            prompts.add("task " + i);
        }
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Agent agent = turn -> {
            seen.add(turn.prompt());
            return DONE;
        };
        try (AgentWorker one = worker(store, agent).start();
                AgentWorker other = worker(store, agent).start()) {
            for (int i = 0; i < 40; i++) {
                assertThat(next(told.finished).run().status()).isEqualTo(RunStatus.COMPLETED);
            }

            assertThat(seen).hasSize(40);
            assertThat(new HashSet<>(seen)).isEqualTo(prompts);
            assertThat(one).isNotSameAs(other);
        }
    }

    @Test
    void a_turn_that_comes_while_the_agent_works_is_worked_on_in_the_same_run() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (AgentWorker worker = worker(store, turn -> {
                    seen.add(turn.prompt());
                    if (turn.prompt().equals("first")) {
                        free.await();
                    }
                    return DONE;
                })
                .start()) {
            task("first");
            Turn turn = Recorder.next(told.started);
            store.commands().create(turn.run().id(), NewCommand.turn(JsonObject.of("prompt", "second")));
            free.countDown();

            FinishedTurn first = next(told.finished);
            FinishedTurn second = next(told.finished);

            assertThat(first.run().status()).isEqualTo(RunStatus.RUNNING);
            assertThat(second.run().id()).isEqualTo(first.run().id());
            assertThat(second.run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(seen).containsExactly("first", "second");
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_cancel_ends_the_process_and_the_run() throws Exception {
        try (AgentWorker worker = worker(store, turn -> {
                    Process process = turn.start(new ProcessBuilder("sh", "-c", "echo begun; exec sleep 600"));
                    turn.output(process.getInputStream());
                    return turn.exit(process);
                })
                .start()) {
            task("long");
            Turn turn = Recorder.next(told.started);
            store.runs().cancel(turn.run().id(), "no more");

            FinishedTurn finished = next(told.finished);

            assertThat(finished.run().status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(turn.cancelled()).isTrue();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void an_interrupt_ends_the_turn_and_the_run_goes_on_with_the_next() throws Exception {
        try (AgentWorker worker = worker(store, turn -> {
                    if (turn.prompt().equals("first")) {
                        CountDownLatch cancelled = new CountDownLatch(1);
                        turn.onCancel(cancelled::countDown);
                        cancelled.await();
                        throw new IllegalStateException("stopped");
                    }
                    return DONE;
                })
                .start()) {
            task("first");
            Turn turn = Recorder.next(told.started);
            store.commands()
                    .create(
                            turn.run().id(),
                            NewCommand.turn(JsonObject.of("prompt", "second")).withOnBusy(OnBusy.INTERRUPT));

            FinishedTurn first = next(told.finished);

            assertThat(first.turn().state()).isEqualTo(CommandState.CANCELLED);
            assertThat(next(told.finished).run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_cancelled_agent_that_never_returns_and_ignores_interrupts_ends_its_run_and_writes_nothing_more()
            throws Exception {
        CountDownLatch wrote = new CountDownLatch(1);
        try (AgentWorker worker = impatient(store, turn -> {
                    turn.events().line("begun");
                    turn.events().flush();
                    boolean waiting = true;
                    while (waiting) {
                        try {
                            waiting = free.getCount() > 0;
                            free.await();
                        } catch (InterruptedException ignored) {
                            // This agent does not hear.
                            waiting = true;
                        }
                    }
                    try {
                        turn.events().write(new NewEvent(EventType.DIFF, JsonObject.empty()));
                    } finally {
                        wrote.countDown();
                    }
                    return DONE;
                })
                .start()) {
            task("deaf");
            Turn turn = Recorder.next(told.started);
            String runId = turn.run().id();
            store.events().await(runId, 3, 10, Duration.ofSeconds(60));
            store.runs().cancel(runId, "no more");

            assertThat(Recorder.next(told.lost)).contains("did not end");

            Run ended = store.runs().get(runId);
            assertThat(ended.status()).isEqualTo(RunStatus.CANCELLED);
            long events = store.events().list(runId, 0, 500).nextAfterSeq();
            free.countDown();
            wrote.await();
            assertThat(store.events().list(runId, 0, 500).nextAfterSeq()).isEqualTo(events);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_close_gives_back_what_is_worked_on() throws Exception {
        AgentWorker worker = impatient(store, turn -> {
                    free.await();
                    return DONE;
                })
                .start();
        QueueTask task = task("half done");
        Turn turn = Recorder.next(told.started);

        worker.close(Duration.ZERO);

        Run run = store.runs().get(turn.run().id());
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(store.commands().get(turn.command().id()).state()).isEqualTo(CommandState.PENDING);
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.RUNNING);
        free.countDown();
        try (AgentWorker other = worker(store, again -> DONE).start()) {
            assertThat(next(told.finished).run().id()).isEqualTo(run.id());
            assertThat(other).isNotNull();
        }
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    void a_patient_close_lets_agents_finish_and_one_of_an_idle_worker_is_soon_over() throws Exception {
        worker(store, turn -> DONE).start().close(Duration.ofMinutes(1));
        AgentWorker worker = worker(store, turn -> {
                    free.await();
                    return DONE;
                })
                .start();
        QueueTask task = task("nearly done");
        Recorder.next(told.started);
        free.countDown();

        worker.close(Duration.ofMinutes(1));

        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
        task("never taken");
        assertThat(told.started).isEmpty();
    }
}
