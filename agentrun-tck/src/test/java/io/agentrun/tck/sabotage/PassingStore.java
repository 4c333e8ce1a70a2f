package io.agentrun.tck.sabotage;

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
import java.util.function.Function;
import java.util.function.Supplier;

/** A store whose parts are those of another store, except those that a sabotage replaces. */
class PassingStore implements AgentRunStore {

    final AgentRunStore real;
    RunStore runs;
    LeaseStore leases;
    CommandStore commands;
    EventStore events;
    RunnerStore runners;
    SessionStore sessions;
    StorageStore storage;
    QueueStore queue;
    QuestionStore questions;
    ScheduleStore schedules;
    InspectStore inspect;
    Function<TenantScope, AgentRunStore> within;
    Supplier<StoreHealth> health;
    Supplier<Upkeep> upkeep;

    PassingStore(AgentRunStore real) {
        this.real = real;
        runs = real.runs();
        leases = real.leases();
        commands = real.commands();
        events = real.events();
        runners = real.runners();
        sessions = real.sessions();
        storage = real.storage();
        queue = real.queue();
        questions = real.questions();
        schedules = real.schedules();
        inspect = real.inspect();
        within = real::within;
        health = real::health;
        upkeep = real::upkeep;
    }

    @Override
    public RunStore runs() {
        return runs;
    }

    @Override
    public LeaseStore leases() {
        return leases;
    }

    @Override
    public CommandStore commands() {
        return commands;
    }

    @Override
    public EventStore events() {
        return events;
    }

    @Override
    public RunnerStore runners() {
        return runners;
    }

    @Override
    public SessionStore sessions() {
        return sessions;
    }

    @Override
    public StorageStore storage() {
        return storage;
    }

    @Override
    public QueueStore queue() {
        return queue;
    }

    @Override
    public QuestionStore questions() {
        return questions;
    }

    @Override
    public ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public InspectStore inspect() {
        return inspect;
    }

    @Override
    public AgentRunStore within(TenantScope scope) {
        return within.apply(scope);
    }

    @Override
    public Upkeep upkeep() {
        return upkeep.get();
    }

    @Override
    public StoreHealth health() {
        return health.get();
    }

    @Override
    public void close() {
        real.close();
    }
}
