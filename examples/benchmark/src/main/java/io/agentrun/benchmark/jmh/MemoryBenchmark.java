package io.agentrun.benchmark.jmh;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Life;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The store in memory, one thread; a new one for each iteration, so that what is measured is the work and not the collection
 * of a growing heap.
 *
 * <p>Not thread-safe: one thread at a time.
 */
@State(Scope.Thread)
public class MemoryBenchmark {

    private AgentRunStore store = InMemoryAgentRunStore.create();
    private Life lives = new Life(store, "runner");
    private Fence lease = Given.leased(store);

    /** Begins with an empty store. */
    @Setup(Level.Iteration)
    public void begin() {
        store.close();
        store = InMemoryAgentRunStore.create();
        lives = new Life(store, "runner");
        lease = Given.leased(store);
    }

    /** All that happens to one run. */
    @Benchmark
    public void life() {
        lives.live();
    }

    /** Appends one event to one run. */
    @Benchmark
    public RunEvent append() {
        return store.events().append(lease, Given.EVENT);
    }

    /** Creates a run and claims it. */
    @Benchmark
    public RunLease createAndClaim() {
        return store.leases().claim(Given.pending(store).id(), "runner", Given.LEASE);
    }
}
