package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.FinishedTurn;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;

/** A store in memory, and what tests of a worker on it have in common. Not thread-safe: one test at a time. */
abstract class AgentWorkerScenario {

    static final TurnResult DONE = TurnResult.of(Outcome.completed());
    static final Owner OWNER = new Owner("t", "p");

    final AgentRunStore store = InMemoryAgentRunStore.create();
    final Recorder told = new Recorder();
    final CountDownLatch free = new CountDownLatch(1);

    @AfterEach
    void close() {
        free.countDown();
        store.close();
    }

    AgentWorkerBuilder worker(AgentRunStore on, Agent agent) {
        return AgentWorker.builder(on, "host")
                .queue("fixes")
                .backends(Set.of(BackendProfile.CODEX))
                .slots(4)
                .listener(told)
                .stopGrace(Duration.ofSeconds(20))
                .agent(agent);
    }

    /** One whose agent does not stop: what it is left to itself for is short, and no test waits for it to end in time. */
    AgentWorkerBuilder impatient(AgentRunStore on, Agent agent) {
        return worker(on, agent).stopGrace(Duration.ofMillis(200));
    }

    QueueTask task(String prompt) {
        return store.queue()
                .create(NewQueueTask.builder(OWNER, "fixes", "a task", RunSpec.of(BackendProfile.CODEX))
                        .payload(JsonObject.of("prompt", prompt))
                        .build());
    }

    List<String> output(String runId) {
        return store.events().list(runId, 0, 500).items().stream()
                .filter(event -> event.type().equals(EventType.COMMAND_OUTPUT))
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }

    static FinishedTurn next(BlockingQueue<FinishedTurn> queue) throws InterruptedException {
        return Recorder.next(queue);
    }
}
