package io.agentrun.worker.testing;

import io.agentrun.EventStore;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.WaitSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Passes everything on; a test overrides what is to go wrong.
 *
 * <p>Thread-safe.
 */
public class EventStoreProxy implements EventStore {

    private final EventStore inner;

    /** Passes on to this one. */
    public EventStoreProxy(EventStore inner) {
        this.inner = inner;
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
        return inner.append(fence, events);
    }

    @Override
    public List<RunEvent> append(Fence fence, EventBatch batch) {
        return inner.append(fence, batch);
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        return inner.appendUnfenced(runId, events);
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        return inner.list(runId, afterSeq, limit);
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        return inner.await(runId, afterSeq, limit, timeout);
    }

    @Override
    public Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration timeout) {
        return inner.awaitAny(waits, timeout);
    }
}
