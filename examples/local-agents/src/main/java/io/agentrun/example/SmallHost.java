package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import java.time.Duration;
import java.util.Optional;

/** The small host of the README, which quotes it. Not thread-safe: one thread at a time. */
public final class SmallHost {
    private SmallHost() {}

    // README begins
    public static void main(String[] args) {
        Owner owner = new Owner("acme", "website");
        RunSpec spec = RunSpec.of(BackendProfile.CODEX);
        JsonObject prompt = JsonObject.of("prompt", "Make LoginTest pass.");
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            var task = NewQueueTask.builder(owner, "fixes", "Login", spec).payload(prompt);
            store.queue().create(task.build());

            Optional<Dispatch> next = store.queue().dispatchNext(DispatchRequest.any());
            Dispatch work = next.orElseThrow();
            RunLease lease = store.leases().claim(work.run().id(), "runner-1", Duration.ofSeconds(30));
            store.commands().acknowledge(lease.fence(), work.turn().id());
            JsonObject answer = JsonObject.of("text", "It passes.");
            store.events().append(lease.fence(), new NewEvent(EventType.ASSISTANT_MESSAGE, answer));
            store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

            EventPage page = store.events().list(work.run().id(), 0, 100);
            page.items().forEach(event -> System.out.println(event.type().wire() + " " + event.payload()));
        }
    }
    // README ends
}
