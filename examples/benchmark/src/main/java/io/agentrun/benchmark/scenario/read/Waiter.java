package io.agentrun.benchmark.scenario.read;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.measure.Latencies;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.event.EventPage;
import io.agentrun.lease.Fence;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the next event of a run on a thread of its own, again and again, and takes the time from the call that appends it
 * to the return of the one that waits for it.
 *
 * <p>Thread-safe.
 */
final class Waiter implements AutoCloseable {

    private static final Duration WAIT = Duration.ofSeconds(30);

    private final AgentRunStore store;
    private final String runId;
    private final Latencies latencies = new Latencies();
    private final Semaphore returned = new Semaphore(0);
    private final Thread thread;
    private volatile long appended;
    private volatile boolean closed;
    private long after;

    Waiter(AgentRunStore store, Fence run) {
        this.store = store;
        this.runId = run.runId();
        this.after = last();
        this.thread = new Thread(this::listen, "waiter");
        thread.setDaemon(true);
        thread.start();
    }

    private long last() {
        long last = 0;
        EventPage page = store.events().list(runId, last, 500);
        while (!page.items().isEmpty()) {
            last = page.items().get(page.items().size() - 1).seq();
            page = store.events().list(runId, last, 500);
        }
        return last;
    }

    private void listen() {
        while (!closed) {
            EventPage page = store.events().await(runId, after, 10, WAIT);
            long now = System.nanoTime();
            if (!page.items().isEmpty() && !closed) {
                after = page.items().get(page.items().size() - 1).seq();
                synchronized (latencies) {
                    latencies.add(now - appended);
                }
                returned.release();
            }
        }
    }

    /** Appends an event through another store, or the same one, and waits until the waiting call has returned. */
    void wake(AgentRunStore by, Fence run) throws InterruptedException {
        appended = System.nanoTime();
        by.events().append(run, Given.EVENT);
        if (!returned.tryAcquire(WAIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("a waiting call slept on");
        }
    }

    Latencies latencies() {
        synchronized (latencies) {
            Latencies copy = new Latencies();
            copy.addAll(latencies);
            return copy;
        }
    }

    /** Lets the thread end with its next wake-up. */
    @Override
    public void close() {
        closed = true;
    }

    void join() throws InterruptedException {
        thread.join(WAIT.toMillis());
    }
}
