package io.agentrun.worker.testing;

import io.agentrun.EventStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Events whose appends are counted and can be made to fail, before they are done.
 *
 * <p>Thread-safe.
 */
public final class WatchedEvents extends EventStoreProxy {

    private final Queue<Supplier<AgentRunException>> failures = new ConcurrentLinkedQueue<>();
    private final List<Integer> batches = new ArrayList<>();
    private int calls;

    /** Passes on to this one. */
    public WatchedEvents(EventStore inner) {
        super(inner);
    }

    /** The next appends, so many, fail because the store cannot be reached. */
    public void failNext(int count) {
        for (int i = 0; i < count; i++) {
            failNext(() -> new StoreUnavailableException(Reason.UNREACHABLE, "down", null));
        }
    }

    /** The next append fails with this. */
    public void failNext(Supplier<AgentRunException> failure) {
        failures.add(failure);
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
        synchronized (batches) {
            calls++;
        }
        Supplier<AgentRunException> failure = failures.poll();
        if (failure != null) {
            throw failure.get();
        }
        List<RunEvent> stored = super.append(fence, events);
        synchronized (batches) {
            batches.add(events.size());
        }
        return stored;
    }

    /** How many events each append that was done had. */
    public List<Integer> batches() {
        synchronized (batches) {
            return List.copyOf(batches);
        }
    }

    /** How many appends were tried. */
    public int calls() {
        synchronized (batches) {
            return calls;
        }
    }
}
