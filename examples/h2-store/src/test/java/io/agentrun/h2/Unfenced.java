package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.EventStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.util.List;

/** Two stores that take a runner's events without looking at its fence. */
record Unfenced(H2Fixture whole) implements StoreFixture {

    private static AgentRunStore broken(AgentRunStore store) {
        H2AgentRunStore.Rooms rooms = (H2AgentRunStore.Rooms) store;
        return new H2AgentRunStore.Rooms(
                rooms.database(),
                rooms.runs(),
                rooms.leases(),
                new Events(rooms.events()),
                rooms.commands(),
                rooms.runners(),
                rooms.sessions(),
                rooms.storage(),
                rooms.queue());
    }

    @Override
    public String name() {
        return "h2 without fences";
    }

    @Override
    public AgentRunStore store() {
        return broken(whole.store());
    }

    @Override
    public AgentRunStore second() {
        return broken(whole.second());
    }

    @Override
    public void advance(Duration by) {
        whole.advance(by);
    }

    @Override
    public Persistence reopen() {
        return whole.reopen();
    }

    @Override
    public void close() {
        whole.close();
    }

    private record Events(EventStore whole) implements EventStore {
        @Override
        public List<RunEvent> append(Fence fence, List<NewEvent> events) {
            return whole.appendUnfenced(fence.runId(), events);
        }

        @Override
        public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
            return whole.appendUnfenced(runId, events);
        }

        @Override
        public EventPage list(String runId, long afterSeq, int limit) {
            return whole.list(runId, afterSeq, limit);
        }

        @Override
        public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
            return whole.await(runId, afterSeq, limit, timeout);
        }
    }
}
