package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandState;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.AgentWorkerBuilder;
import io.agentrun.worker.Turn;
import io.agentrun.worker.WorkerListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers on a real server. */
class WorkerOnPostgresTest {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Owner OWNER = new Owner("t", "p");

    private final BlockingQueue<Turn> started = new LinkedBlockingQueue<>();
    private final BlockingQueue<FinishedTurn> finished = new LinkedBlockingQueue<>();
    private TestDatabase database;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        store = PostgresAgentRunStore.builder(database.pool(8))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private AgentWorkerBuilder worker(String runnerId, Agent agent) {
        return AgentWorker.builder(store, runnerId)
                .queue("fixes")
                .slots(8)
                .stopGrace(Duration.ofMillis(500))
                .listener(new WorkerListener() {
                    @Override
                    public void started(Turn turn) {
                        started.add(turn);
                    }

                    @Override
                    public void finished(FinishedTurn turn) {
                        finished.add(turn);
                    }
                })
                .agent(agent);
    }

    private QueueTask task(String prompt, String session) {
        return store.queue()
                .create(NewQueueTask.builder(OWNER, "fixes", "a task", RunSpec.of(BackendProfile.CODEX))
                        .payload(JsonObject.of("prompt", prompt))
                        .session(SessionRef.of(session))
                        .build());
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(60, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void two_workers_share_the_tasks_and_store_what_their_processes_print() throws Exception {
        Agent agent = turn -> {
            Process process = turn.start(new ProcessBuilder("sh", "-c", "echo \"$0\"; echo more", turn.prompt()));
            turn.output(process.getInputStream());
            return turn.exit(process);
        };
        List<QueueTask> tasks = new ArrayList<>();
        try (AgentWorker one = worker("one", agent).start();
                AgentWorker two = worker("two", agent).start()) {
            for (int i = 0; i < 20; i++) {
                tasks.add(task("task " + i, "session-" + i % 7));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(next(finished).run().status()).isEqualTo(RunStatus.COMPLETED);
            }
            assertThat(one).isNotSameAs(two);
        }
        for (QueueTask task : tasks) {
            QueueTask ended = store.queue().get(task.id());
            assertThat(ended.state()).isEqualTo(TaskState.COMPLETED);
            assertThat(ended.latestAttempt()).isNotNull();
            List<String> output = store.events().list(ended.latestAttempt().runId(), 0, 100).items().stream()
                    .filter(event -> event.type().equals(EventType.COMMAND_OUTPUT))
                    .map(event -> event.payload().string("text").orElse(""))
                    .toList();
            assertThat(output)
                    .containsExactly(task.content().payload().string("prompt").orElseThrow(), "more");
        }
    }

    @Test
    void a_turn_that_comes_meanwhile_is_worked_on_and_a_close_gives_back() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AgentWorker worker = worker("one", turn -> {
                    (turn.prompt().equals("first") ? free : never).await();
                    return DONE;
                })
                .start();
        QueueTask task = task("first", "session");
        Turn first = next(started);
        store.commands().create(first.run().id(), NewCommand.turn(JsonObject.of("prompt", "second")));
        free.countDown();
        assertThat(next(finished).run().status()).isEqualTo(RunStatus.RUNNING);
        Turn second = next(started);

        worker.close(Duration.ZERO);

        Run run = store.runs().get(first.run().id());
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(store.commands().get(second.command().id()).state()).isEqualTo(CommandState.PENDING);
        try (AgentWorker other = worker("two", turn -> DONE).start()) {
            FinishedTurn last = next(finished);
            assertThat(last.run().id()).isEqualTo(run.id());
            assertThat(last.turn().id()).isEqualTo(second.command().id());
            assertThat(last.run().status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(other).isNotNull();
        }
        assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.COMPLETED);
    }
}
