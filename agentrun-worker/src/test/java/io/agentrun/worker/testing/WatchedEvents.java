package io.agentrun.worker.testing;

import io.agentrun.EventStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventBatch;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Events whose appends are counted and can be made to fail, before they are done or after.
 *
 * <p>Thread-safe.
 */
public final class WatchedEvents extends EventStoreProxy {

    private final Queue<Supplier<AgentRunException>> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lost = new AtomicInteger();
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

    /** The answers of the next appends, so many, are lost after they are done. */
    public void loseAnswers(int count) {
        lost.addAndGet(count);
    }

    @Override
    public List<RunEvent> append(Fence fence, EventBatch batch) {
        synchronized (batches) {
            calls++;
        }
        Supplier<AgentRunException> failure = failures.poll();
        if (failure != null) {
            throw failure.get();
        }
        List<RunEvent> stored = super.append(fence, batch);
        if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StoreUnavailableException(Reason.UNREACHABLE, "the answer is lost", null);
        }
        synchronized (batches) {
            batches.add(batch.events().size());
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
