package io.agentrun.example.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.RunnerInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A runner with a thread of its own: takes one run after the other, first those that lie there, then from the queue.
 *
 * <p>Thread-safe.
 */
public final class Worker {
    private static final long LOOK_MILLIS = 100;

    private final AgentRunStore store;
    private final Runners runners;
    private final ClaimRequest anyRun;
    private final DispatchRequest anyTask;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable AgentRun current;
    private final AtomicInteger released = new AtomicInteger();

    /** Registers the worker in the store; it does nothing before {@link #start}. */
    public Worker(
            String name,
            AgentRunStore store,
            Runners runners,
            TenantScope scope,
            String queue,
            BackendProfile backend,
            Duration lease) {
        this.store = store;
        this.runners = runners;
        RunnerInfo info = RunnerInfo.builder()
                .backendProfile(backend)
                .placement(runners.placement())
                .metadata(JsonObject.of(
                        "name", name, "pid", ProcessHandle.current().pid()))
                .build();
        String runnerId = store.runners().register(NewRunner.withoutId(info)).id();
        this.anyRun = ClaimRequest.by(runnerId, lease).withScope(scope).withBackendProfile(backend);
        this.anyTask = DispatchRequest.fromQueue(queue).withScope(scope).withBackendProfiles(Set.of(backend));
        this.thread = new Thread(this::work, name);
        thread.setDaemon(true);
    }

    /** Begins to take runs. */
    public void start() {
        thread.start();
    }

    /** Takes no more runs, and gives back the one at work. Returns at once; a second call does nothing. */
    public void stop() {
        stopAsked.countDown();
        AgentRun run = current;
        if (run != null) {
            run.giveBack();
        }
    }

    /** Waits until a worker that was stopped is done. */
    public void join() {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many runs it gave back. */
    public int released() {
        return released.get();
    }

    private void work() {
        try {
            while (!stopAsked.await(0, TimeUnit.MILLISECONDS)) {
                Optional<RunLease> lease = take();
                if (lease.isPresent()) {
                    perform(lease.get());
                } else if (stopAsked.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            stop();
        } catch (StoreClosedException e) {
            // The program ends.
        }
    }

    /** Runs that lie there were given back by an earlier start, or recovered from a worker that is gone. */
    private Optional<RunLease> take() {
        try {
            Optional<RunLease> waiting = store.leases().claimNext(anyRun);
            if (waiting.isPresent()) {
                return waiting;
            }
            Optional<Dispatch> dispatched = store.queue().dispatchNext(anyTask);
            return dispatched.map(work -> store.leases().claim(work.run().id(), anyRun.runnerId(), anyRun.lease()));
        } catch (LeaseConflictException | AlreadyTerminalException e) {
            // Between dispatch and claim the run lay there for everyone, and another worker or a cancel was faster.
            return Optional.empty();
        }
    }

    private void perform(RunLease lease) throws InterruptedException {
        AgentRun run = new AgentRun(store, runners, lease, anyRun.lease());
        current = run;
        if (stopAsked.getCount() == 0) {
            run.giveBack();
        }
        try {
            if (run.perform() == AgentRun.End.RELEASED) {
                released.incrementAndGet();
            }
        } catch (StoreClosedException e) {
            throw e;
        } catch (AgentRunException e) {
            // Not this run's fault and not ours: its lease runs out, and somebody recovers it.
            System.err.println(Thread.currentThread().getName() + ": " + e.getMessage());
        } finally {
            current = null;
        }
    }
}
