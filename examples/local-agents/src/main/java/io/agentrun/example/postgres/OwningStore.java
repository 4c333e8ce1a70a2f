package io.agentrun.example.postgres;

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
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A store that ends, when it is closed, what was opened for it: a pool is the host's to close, and here the host is the one
 * who opened the store.
 */
record OwningStore(AgentRunStore store, Runnable end, AtomicBoolean closed) implements AgentRunStore {

    OwningStore(AgentRunStore store, Runnable end) {
        this(store, end, new AtomicBoolean());
    }

    @Override
    public RunStore runs() {
        return store.runs();
    }

    @Override
    public LeaseStore leases() {
        return store.leases();
    }

    @Override
    public CommandStore commands() {
        return store.commands();
    }

    @Override
    public EventStore events() {
        return store.events();
    }

    @Override
    public RunnerStore runners() {
        return store.runners();
    }

    @Override
    public SessionStore sessions() {
        return store.sessions();
    }

    @Override
    public StorageStore storage() {
        return store.storage();
    }

    @Override
    public QueueStore queue() {
        return store.queue();
    }

    @Override
    public QuestionStore questions() {
        return store.questions();
    }

    @Override
    public ScheduleStore schedules() {
        return store.schedules();
    }

    @Override
    public InspectStore inspect() {
        return store.inspect();
    }

    @Override
    public AgentRunStore within(TenantScope scope) {
        return store.within(scope);
    }

    @Override
    public Upkeep upkeep() {
        return store.upkeep();
    }

    @Override
    public StoreHealth health() {
        return store.health();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            store.close();
            end.run();
        }
    }
}
