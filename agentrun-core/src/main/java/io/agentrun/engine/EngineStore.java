package io.agentrun.engine;

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
import io.agentrun.StoreListener;
import io.agentrun.backend.StoreBackend;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Observed;
import io.agentrun.engine.view.ScopedBackend;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.id.IdSource;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import java.util.function.LongSupplier;

/**
 * A store over a backend: all rules, checks, pages and waiting are here, the records are the backend's. Audience: store authors,
 * who extend it by their own factory methods, or use it as it is.
 *
 * <p>Thread-safe.
 */
public class EngineStore implements AgentRunStore {

    private final StoreBackend whole;
    private final StoreBackend backend;
    private final IdSource ids;
    private final Intake intake;
    private final ViewScope scope;
    private final StoreListener listener;
    private final LongSupplier ticker;
    private final RunStore runs;
    private final LeaseStore leases;
    private final CommandStore commands;
    private final EventStore events;
    private final RunnerStore runners;
    private final SessionStore sessions;
    private final StorageStore storage;
    private final QueueStore queue;
    private final QuestionStore questions;
    private final Questions asked;
    private final OverdueWork overdue;
    private final LimitStore limits;
    private final ScheduleStore schedules;
    private final InspectStore inspect;

    /**
     * Makes a store over the backend, which it closes.
     *
     * @param ids where the ids of new records come from
     * @param intake the limits of input, and what masks secrets
     */
    public EngineStore(StoreBackend backend, IdSource ids, Intake intake) {
        this(backend, ids, intake, StoreListener.NONE);
    }

    /**
     * Makes a store over the backend, which it closes.
     *
     * @param ids where the ids of new records come from
     * @param intake the limits of input, and what masks secrets
     * @param listener what hears of each call, of the views of the store too
     */
    public EngineStore(StoreBackend backend, IdSource ids, Intake intake, StoreListener listener) {
        this(backend, ids, intake, listener, System::nanoTime);
    }

    /**
     * Makes a store over the backend, which it closes.
     *
     * @param ids where the ids of new records come from
     * @param intake the limits of input, and what masks secrets
     * @param listener what hears of each call, of the views of the store too
     * @param ticker the time, in nanoseconds, by which leases say how long they are held ({@code RunLease.heldUntilNanos}); it only
     *     moves forward, and never stands still while the store's time goes on
     */
    public EngineStore(StoreBackend backend, IdSource ids, Intake intake, StoreListener listener, LongSupplier ticker) {
        this(backend, ids, intake, ViewScope.EVERYBODY, listener, ticker);
    }

    /** Makes a tenant view of the store, which shows what both include; it closes nothing. */
    protected EngineStore(EngineStore store, TenantScope scope) {
        this(store.whole, store.ids, store.intake, store.scope.within(scope), store.listener, store.ticker);
    }

    /** Makes a store over another backend with the ids and limits of a store, and what that shows if it is a view. */
    protected EngineStore(StoreBackend backend, EngineStore like) {
        this(backend, like.ids, like.intake, like.scope, like.listener, like.ticker);
    }

    private EngineStore(
            StoreBackend whole,
            IdSource ids,
            Intake intake,
            ViewScope scope,
            StoreListener listener,
            LongSupplier ticker) {
        StoreBackend backend = ScopedBackend.over(whole, scope);
        Context context = new Context(backend, ids, intake, scope, Require.given("ticker", ticker));
        this.whole = whole;
        this.backend = backend;
        this.ids = ids;
        this.intake = intake;
        this.scope = scope;
        this.listener = Require.given("listener", listener);
        this.ticker = ticker;
        RunSteps steps = new RunSteps(context);
        this.runs = Observed.by(listener, RunStore.class, "runs", new Runs(context, steps));
        this.leases = Observed.by(listener, LeaseStore.class, "leases", new Leases(context, steps));
        this.commands = Observed.by(listener, CommandStore.class, "commands", new Commands(context, steps));
        this.events = Observed.by(listener, EventStore.class, "events", new Events(context));
        this.runners = Observed.by(listener, RunnerStore.class, "runners", new Runners(context));
        this.sessions = Observed.by(listener, SessionStore.class, "sessions", new Sessions(context));
        this.storage = Observed.by(listener, StorageStore.class, "storage", new Storage(context));
        Queue tasks = new Queue(context);
        this.queue = Observed.by(listener, QueueStore.class, "queue", tasks);
        this.overdue = new OverdueWork(context, tasks);
        this.limits = Observed.by(listener, LimitStore.class, "limits", new LimitsOfQueue(context));
        this.asked = new Questions(context);
        this.questions = Observed.by(listener, QuestionStore.class, "questions", asked);
        this.schedules = Observed.by(listener, ScheduleStore.class, "schedules", new Schedules(context));
        this.inspect = Observed.by(listener, InspectStore.class, "inspect", new Inspector(context));
    }

    /**
     * Refuses what concerns the records of all owners if this store is a tenant view. Audience: store authors, for methods of
     * their own.
     *
     * @param what the thing in words, such as "change feed"
     * @throws TenantPolicyException if it is a view
     */
    protected final void requireNoView(String what) {
        if (!scope.isEverybody()) {
            throw TenantPolicyException.ownerless(what, "*");
        }
    }

    @Override
    public final RunStore runs() {
        return runs;
    }

    @Override
    public final LeaseStore leases() {
        return leases;
    }

    @Override
    public final CommandStore commands() {
        return commands;
    }

    @Override
    public final EventStore events() {
        return events;
    }

    @Override
    public final RunnerStore runners() {
        return runners;
    }

    @Override
    public final SessionStore sessions() {
        return sessions;
    }

    @Override
    public final StorageStore storage() {
        return storage;
    }

    @Override
    public final QueueStore queue() {
        return queue;
    }

    @Override
    public final LimitStore limits() {
        return limits;
    }

    @Override
    public final QuestionStore questions() {
        return questions;
    }

    @Override
    public final ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public final InspectStore inspect() {
        return inspect;
    }

    @Override
    public AgentRunStore within(TenantScope scope) {
        return new EngineStore(this, scope);
    }

    @Override
    public final Upkeep upkeep() {
        return backend.upkeep().withOverdue(overdue.judge()).withQuestionsExpired(asked.expire());
    }

    @Override
    public final StoreHealth health() {
        return backend.health();
    }

    @Override
    public final void close() {
        backend.close();
    }
}
