package io.agentrun.tck.sabotage;

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

/** Passes every call on; a sabotage overrides one. */
class PassingEvents implements EventStore {

    final EventStore real;

    PassingEvents(EventStore real) {
        this.real = real;
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> input) {
        return real.append(fence, input);
    }

    @Override
    public List<RunEvent> append(Fence fence, EventBatch batch) {
        return real.append(fence, batch);
    }

    @Override
    public List<RunEvent> appendUnfenced(String id, List<NewEvent> input) {
        return real.appendUnfenced(id, input);
    }

    @Override
    public EventPage list(String id, long number, int limit) {
        return real.list(id, number, limit);
    }

    @Override
    public EventPage await(String id, long number, int limit, Duration time) {
        return real.await(id, number, limit, time);
    }

    @Override
    public Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration time) {
        return real.awaitAny(waits, time);
    }
}
