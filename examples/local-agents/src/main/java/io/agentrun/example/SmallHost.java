package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.BackendProfile;
import io.agentrun.Outcome;
import io.agentrun.Owner;
import io.agentrun.RunSpec;
import io.agentrun.TurnResult;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import java.time.Duration;

/** The small host of the README, which quotes it. Not thread-safe: one thread at a time. */
public final class SmallHost {
    private SmallHost() {}

    // README begins
    public static void main(String[] args) {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Owner owner = new Owner("acme", "website");
            RunSpec spec = RunSpec.of(BackendProfile.CODEX);
            JsonObject prompt = JsonObject.of("prompt", "Make LoginTest pass.");
            store.queue()
                    .create(NewQueueTask.builder(owner, "fixes", "Login", spec)
                            .payload(prompt)
                            .build());

            Dispatch work = store.queue()
                    .dispatchNext(DispatchRequest.fromQueue("fixes"))
                    .orElseThrow();
            String runId = work.run().id();
            Fence fence = store.leases()
                    .claim(runId, "runner-1", Duration.ofSeconds(30))
                    .fence();
            store.commands().acknowledge(fence, work.turn().id());
            store.events()
                    .append(fence, new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "It passes.")));
            store.runs().finish(fence, TurnResult.of(Outcome.completed()));

            store.events()
                    .list(runId, 0, 100)
                    .items()
                    .forEach(event ->
                            System.out.println(event.seq() + " " + event.type().wire() + " " + event.payload()));
            System.out.println(store.queue().get(work.task().id()).state().wire());
        }
    }
    // README ends
}
