package io.agentrun.example;

import static io.agentrun.model.BackendProfile.CODEX;

import io.agentrun.AgentRunStore;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.stream.EventTail;
import io.agentrun.worker.stream.ServerSentEvents;
import java.util.concurrent.CompletableFuture;

/** The small host of the README, which quotes it. Not thread-safe: one thread at a time. */
public final class SmallHost {
    private SmallHost() {}

    // README begins
    public static void main(String[] args) throws Exception {
        CompletableFuture<String> started = new CompletableFuture<>();
        try (AgentRunStore store = InMemoryAgentRunStore.create();
                EventTail tail = EventTail.of(store.events());
                AgentWorker ignored = AgentWorker.builder(store, "host-1")
                        .agent(turn -> {
                            started.complete(turn.run().id());
                            Process agent = turn.start(new ProcessBuilder("echo", "on it:", turn.prompt()));
                            turn.output(agent.getInputStream());
                            return turn.exit(agent);
                        })
                        .start()) {
            JsonObject prompt = JsonObject.of("prompt", "Make LoginTest pass.");
            var task = NewQueueTask.builder(new Owner("acme", "website"), "fixes", "Login", RunSpec.of(CODEX));
            store.queue().create(task.payload(prompt).build());

            ServerSentEvents.of(tail).stream(started.get(), 0, (Appendable) System.out);
        }
    }
    // README ends
}
