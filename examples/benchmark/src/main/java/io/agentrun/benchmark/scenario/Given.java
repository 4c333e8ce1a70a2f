package io.agentrun.benchmark.scenario;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the scenarios begin with. */
public final class Given {

    public static final Owner OWNER = new Owner("tenant", "project");
    public static final RunSpec SPEC = RunSpec.builder(BackendProfile.CODEX).build();
    public static final JsonObject PROMPT = JsonObject.of("prompt", "find the defect and mend it");
    public static final String QUEUE = "queue";

    /** Longer than any benchmark. */
    public static final Duration LEASE = Duration.ofHours(12);

    /** A line of output: about 200 bytes of JSON. */
    public static final NewEvent EVENT = new NewEvent(
            EventType.COMMAND_OUTPUT,
            JsonObject.of(
                    "stream",
                    "stdout",
                    "text",
                    "[INFO] Tests run: 128, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 4.181 s -- in "
                            + "example.orders.OrderServiceTest, which is about as long as a line gets"));

    private Given() {}

    public static Run pending(AgentRunStore store) {
        return store.runs().create(NewRun.builder(OWNER, SPEC).build());
    }

    public static Fence leased(AgentRunStore store) {
        return store.leases().claim(pending(store).id(), "runner", LEASE).fence();
    }

    public static List<Fence> leased(AgentRunStore store, int count) {
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fences.add(leased(store));
        }
        return fences;
    }

    /** A leased run with an event: what the rows of the limit are made of. */
    public static Fence written(AgentRunStore store) {
        Fence fence = leased(store);
        store.events().append(fence, EVENT);
        return fence;
    }

    public static QueueTask task(AgentRunStore store) {
        return store.queue().create(newTask());
    }

    public static NewQueueTask newTask() {
        return NewQueueTask.builder(OWNER, QUEUE, "mend the defect", SPEC)
                .payload(PROMPT)
                .build();
    }
}
