package io.agentrun.worker.testing;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A run under lease, and what its readers see of it.
 *
 * <p>Thread-safe.
 */
public final class Leased {

    private final AgentRunStore store;
    private final Fence fence;

    /** A new run in the store, claimed for an hour. */
    public Leased(AgentRunStore store) {
        this.store = store;
        NewRun run = NewRun.builder(new Owner("acme", "website"), RunSpec.of(BackendProfile.CODEX))
                .build();
        String id = store.runs().create(run).id();
        this.fence = store.leases().claim(id, "runner", Duration.ofHours(1)).fence();
    }

    /** The fence of the lease. */
    public Fence fence() {
        return fence;
    }

    /** The run. */
    public String runId() {
        return fence.runId();
    }

    /** Ends the run. */
    public void finish() {
        store.runs().finish(fence, TurnResult.of(Outcome.completed()));
    }

    /** Gives the run to another runner, so that the fence holds no longer. */
    public void lose() {
        store.leases().release(fence);
        store.leases().claim(runId(), "another", Duration.ofHours(1));
    }

    /** The events that are not the store's own. */
    public List<RunEvent> output() {
        List<RunEvent> output = new ArrayList<>();
        EventPage page = store.events().list(runId(), 0, 500);
        while (!page.items().isEmpty()) {
            page.items().stream()
                    .filter(event -> event.type() != EventType.BACKEND_STATUS)
                    .forEach(output::add);
            page = store.events().list(runId(), page.nextAfterSeq(), 500);
        }
        return output;
    }

    /** The texts of the events that are not the store's own. */
    public List<String> texts() {
        return output().stream()
                .map(event -> event.payload().string("text").orElse("?"))
                .toList();
    }
}
