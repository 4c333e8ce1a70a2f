package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.CommandStore;
import io.agentrun.EventStore;
import io.agentrun.InspectStore;
import io.agentrun.LeaseStore;
import io.agentrun.QuestionStore;
import io.agentrun.QueueStore;
import io.agentrun.RunStore;
import io.agentrun.RunnerStore;
import io.agentrun.ScheduleStore;
import io.agentrun.SessionStore;
import io.agentrun.StorageStore;
import io.agentrun.StoreHealth;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import io.agentrun.model.WaitSet;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Two stores that take a runner's events without looking at its fence. */
record Unfenced(H2Fixture whole) implements StoreFixture {

    @Override
    public String name() {
        return "h2 without fences";
    }

    @Override
    public AgentRunStore store() {
        return new Store(whole.store(), new Events(whole.store().events()));
    }

    @Override
    public AgentRunStore second() {
        return new Store(whole.second(), new Events(whole.second().events()));
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

    /** A store whose events are others than those of the whole one. */
    private record Store(AgentRunStore whole, EventStore events) implements AgentRunStore {
        @Override
        public RunStore runs() {
            return whole.runs();
        }

        @Override
        public LeaseStore leases() {
            return whole.leases();
        }

        @Override
        public CommandStore commands() {
            return whole.commands();
        }

        @Override
        public RunnerStore runners() {
            return whole.runners();
        }

        @Override
        public SessionStore sessions() {
            return whole.sessions();
        }

        @Override
        public StorageStore storage() {
            return whole.storage();
        }

        @Override
        public QueueStore queue() {
            return whole.queue();
        }

        @Override
        public QuestionStore questions() {
            return whole.questions();
        }

        @Override
        public ScheduleStore schedules() {
            return whole.schedules();
        }

        @Override
        public InspectStore inspect() {
            return whole.inspect();
        }

        @Override
        public AgentRunStore within(TenantScope scope) {
            AgentRunStore view = whole.within(scope);
            return new Store(view, new Events(view.events()));
        }

        @Override
        public Upkeep upkeep() {
            return whole.upkeep();
        }

        @Override
        public StoreHealth health() {
            return whole.health();
        }

        @Override
        public void close() {
            whole.close();
        }
    }

    private record Events(EventStore whole) implements EventStore {
        @Override
        public List<RunEvent> append(Fence fence, EventBatch batch) {
            return whole.appendUnfenced(fence.runId(), batch.events());
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

        @Override
        public Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration timeout) {
            return whole.awaitAny(waits, timeout);
        }
    }
}
