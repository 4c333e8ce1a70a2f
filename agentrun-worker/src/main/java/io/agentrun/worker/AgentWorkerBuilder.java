package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.TakeRequest;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Options of an {@link AgentWorker}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class AgentWorkerBuilder {

    /** For a take, a wait, heartbeats, and the loop itself. */
    private static final int LOOP_THREADS = 4;

    /** For output, steers and grace periods. */
    private static final int OUTPUT_THREADS = 8;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final AgentRunStore store;
    private final String runnerId;
    private DispatchRequest filter = DispatchRequest.any();
    private int slots = 1;
    private Duration lease = TakeRequest.DEFAULT_LEASE;
    private Duration parkAfter = Duration.ofMinutes(1);
    private Duration stopGrace = Duration.ofSeconds(10);
    private @Nullable Agent agent;
    private @Nullable Executor executor;
    private @Nullable Scheduler scheduler;
    private WorkerListener listener = WorkerListener.NONE;

    AgentWorkerBuilder(AgentRunStore store, String runnerId) {
        this.store = Require.given("store", store);
        this.runnerId = Texts.id("runnerId", runnerId);
    }

    /** Takes tasks of this queue only; of any unless set. */
    public AgentWorkerBuilder queue(String value) {
        filter = filter.withQueue(Require.given("queue", value));
        return this;
    }

    /** Takes tasks of this lane only; of any unless set. */
    public AgentWorkerBuilder lane(String value) {
        filter = filter.withLane(Require.given("lane", value));
        return this;
    }

    /** Takes tasks for these backends only; for any unless set. */
    public AgentWorkerBuilder backends(Set<BackendProfile> value) {
        filter = filter.withBackendProfiles(value);
        return this;
    }

    /** Takes tasks of this scope only; of everybody unless set. */
    public AgentWorkerBuilder scope(TenantScope value) {
        filter = filter.withScope(value);
        return this;
    }

    /** How many agents work at once, 1 to 1,000; 1 unless set. */
    public AgentWorkerBuilder slots(int value) {
        slots = value;
        return this;
    }

    /**
     * How long a lease is; 2 minutes unless set. A store that is away for half of it stops no agent; a run whose worker is gone waits that
     * long for another one.
     */
    public AgentWorkerBuilder lease(Duration value) {
        lease = value;
        return this;
    }

    /**
     * How long an agent that resumes waits for an answer before its run is parked; 1 minute unless set, zero parks at once. An agent that
     * does not resume waits as long as it takes.
     */
    public AgentWorkerBuilder parkAfter(Duration value) {
        parkAfter = value;
        return this;
    }

    /**
     * How long an agent may take to end once it was asked to, before its thread is interrupted and its processes are killed; and as
     * long again, before its run ends without it. 10 seconds unless set.
     */
    public AgentWorkerBuilder stopGrace(Duration value) {
        stopGrace = value;
        return this;
    }

    /** What works on the turns; it must be set. */
    public AgentWorkerBuilder agent(Agent value) {
        agent = Require.given("agent", value);
        return this;
    }

    /**
     * What runs the agents, each in a task of its own that takes as long as its run; it stays open. Platform threads of the worker's own,
     * one for each running agent, unless set; on JDK 21 and later {@code Executors.newVirtualThreadPerTaskExecutor()} fits.
     */
    public AgentWorkerBuilder executor(Executor value) {
        executor = Require.given("executor", value);
        return this;
    }

    /**
     * What tells the time and runs the worker's own calls, which block; it stays open. It must run at least four at once. Up to 14
     * threads of the worker's own unless set.
     */
    public AgentWorkerBuilder scheduler(Scheduler value) {
        scheduler = Require.given("scheduler", value);
        return this;
    }

    /** Who is told what the worker does; nobody unless set. */
    public AgentWorkerBuilder listener(WorkerListener value) {
        listener = Require.given("listener", value);
        return this;
    }

    /**
     * Returns a worker that takes tasks from now on, until it is closed.
     *
     * @throws io.agentrun.error.InvalidInputException if there is no agent, the number of slots is out of range, or a time is null, zero or
     *     negative
     */
    public AgentWorker start() {
        Agent given = Require.given("agent", agent);
        WorkerSettings settings = new WorkerSettings(runnerId, filter, slots, lease, parkAfter, stopGrace);
        List<Runnable> own = new ArrayList<>();
        Executor agents = executor == null ? threads(own) : executor;
        WorkerContext context = new WorkerContext(
                store,
                settings,
                given,
                scheduler == null ? scheduler(LOOP_THREADS, own) : scheduler,
                scheduler == null ? scheduler(OUTPUT_THREADS, own) : scheduler,
                listener);
        WorkerLoop loop = new WorkerLoop(context, agents);
        loop.start();
        return new AgentWorker(loop, stopGrace, () -> own.forEach(Runnable::run));
    }

    private static Scheduler scheduler(int threads, List<Runnable> own) {
        ThreadScheduler scheduler = ThreadScheduler.ofThreads(threads);
        own.add(scheduler::close);
        return scheduler;
    }

    /** One thread for each running agent: the slots bound them. */
    private static Executor threads(List<Runnable> own) {
        String name = "agentrun-agent-" + NUMBERS.incrementAndGet() + "-";
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        own.add(threads::shutdown);
        return threads;
    }
}
