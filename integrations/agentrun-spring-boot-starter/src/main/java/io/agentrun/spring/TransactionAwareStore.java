package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.CommandStore;
import io.agentrun.EventStore;
import io.agentrun.InspectStore;
import io.agentrun.LeaseStore;
import io.agentrun.LimitStore;
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
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The store as a host on Spring gets it: a call in a Spring transaction of the store's data source is part of that transaction, every
 * other call is one of its own. The parts may be kept: where a call goes is decided when it is made.
 *
 * <p>Thread-safe.
 */
final class TransactionAwareStore implements AgentRunStore {

    private final SpringTransactions transactions;
    private final UnaryOperator<AgentRunStore> view;
    private final AgentRunStore outside;
    private final RunStore runs;
    private final LeaseStore leases;
    private final CommandStore commands;
    private final EventStore events;
    private final RunnerStore runners;
    private final SessionStore sessions;
    private final StorageStore storage;
    private final QueueStore queue;
    private final LimitStore limits;
    private final QuestionStore questions;
    private final ScheduleStore schedules;
    private final InspectStore inspect;

    TransactionAwareStore(SpringTransactions transactions) {
        this(transactions, UnaryOperator.identity());
    }

    /** Makes a store of what the view shows of the store in the transaction, or outside of one. */
    private TransactionAwareStore(SpringTransactions transactions, UnaryOperator<AgentRunStore> view) {
        this.transactions = transactions;
        this.view = view;
        this.outside = view.apply(transactions.outside());
        this.runs = part(RunStore.class, AgentRunStore::runs);
        this.leases = part(LeaseStore.class, AgentRunStore::leases);
        this.commands = part(CommandStore.class, AgentRunStore::commands);
        this.events = part(EventStore.class, AgentRunStore::events);
        this.runners = part(RunnerStore.class, AgentRunStore::runners);
        this.sessions = part(SessionStore.class, AgentRunStore::sessions);
        this.storage = part(StorageStore.class, AgentRunStore::storage);
        this.queue = part(QueueStore.class, AgentRunStore::queue);
        this.limits = part(LimitStore.class, AgentRunStore::limits);
        this.questions = part(QuestionStore.class, AgentRunStore::questions);
        this.schedules = part(ScheduleStore.class, AgentRunStore::schedules);
        this.inspect = part(InspectStore.class, AgentRunStore::inspect);
    }

    private <T> T part(Class<T> api, Function<AgentRunStore, T> part) {
        return api.cast(Proxy.newProxyInstance(
                api.getClassLoader(), new Class<?>[] {api}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return switch (method.getName()) {
                            case "equals" -> proxy == arguments[0];
                            case "hashCode" -> System.identityHashCode(proxy);
                            default -> api.getSimpleName() + " in the host's transactions";
                        };
                    }
                    try {
                        return method.invoke(part.apply(current()), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                }));
    }

    private AgentRunStore current() {
        AgentRunStore store = transactions.current();
        return store == transactions.outside() ? outside : view.apply(store);
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
    public LimitStore limits() {
        return limits;
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
        return new TransactionAwareStore(
                transactions, store -> view.apply(store).within(scope));
    }

    @Override
    public Upkeep upkeep() {
        return outside.upkeep();
    }

    @Override
    public StoreHealth health() {
        return outside.health();
    }

    @Override
    public void close() {
        outside.close();
    }
}
