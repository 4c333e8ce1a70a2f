package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.event.EventPage;
import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Waits for the next events of the runs that are watched: one waiting call for each run, on a bounded number of threads of its own.
 * Where there are more runs than threads, they take turns.
 *
 * <p>Thread-safe.
 */
final class TailWaiter implements AutoCloseable {

    /** So long a call waits when nobody else needs its thread: readers that leave are noticed after that. */
    private static final Duration LONG = Duration.ofSeconds(5);

    private static final Duration TURN = Duration.ofMillis(20);

    private final EventStore events;
    private final Scheduler scheduler;
    private final int page;
    private final ThreadPoolExecutor threads;

    TailWaiter(EventStore events, Scheduler scheduler, int page, int maxThreads) {
        this.events = events;
        this.scheduler = scheduler;
        this.page = page;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                maxThreads, maxThreads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "agentrun-tail-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Waits for the run's next events, again and again, until nobody wants any. */
    void watch(RunTail run) {
        submit(run, 1);
    }

    private void submit(RunTail run, int attempt) {
        try {
            threads.execute(() -> look(run, attempt));
        } catch (RejectedExecutionException e) {
            // Closed meanwhile. The subscribers are told by whoever closes.
            if (!threads.isShutdown()) {
                throw e;
            }
        }
    }

    private void look(RunTail run, int attempt) {
        Long after = run.wanted();
        if (after == null) {
            return;
        }
        EventPage found;
        try {
            boolean crowded = !threads.getQueue().isEmpty();
            found = events.await(run.runId(), after, page, crowded ? TURN : LONG);
        } catch (AgentRunException e) {
            if (e.retryable()) {
                scheduler.schedule(Retries.delay(attempt), () -> submit(run, attempt + 1));
            } else {
                run.fail(e);
            }
            return;
        }
        run.found(after, found);
        watch(run);
    }

    /** Ends the waiting calls, by an interrupt. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
