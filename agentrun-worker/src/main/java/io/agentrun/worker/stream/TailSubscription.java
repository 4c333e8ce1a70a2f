package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.worker.time.Scheduler;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber of a run: its number, and how many events it still takes. Everything that it is told, it is told by one thread at
 * a time.
 *
 * <p>Thread-safe.
 */
final class TailSubscription implements Flow.Subscription {

    private final RunTail run;
    private final EventStore events;
    private final Scheduler scheduler;
    private final int page;
    private final Consumer<TailSubscription> whenOver;

    /** Null once it is over, so that nothing keeps the subscriber. */
    private volatile Flow.@Nullable Subscriber<? super RunEvent> subscriber;

    private final AtomicLong demand = new AtomicLong();

    /** How many signals have not been seen; whoever counts from 0 to 1 runs {@link #work}. It begins at 1, for {@link #begin}. */
    private final AtomicInteger signals = new AtomicInteger(1);

    private volatile @Nullable Throwable failure;

    // The working thread's.
    private long after;
    private int failedReads;

    TailSubscription(
            RunTail run,
            long after,
            Flow.Subscriber<? super RunEvent> subscriber,
            EventStore events,
            Scheduler scheduler,
            int page,
            Consumer<TailSubscription> whenOver) {
        this.run = run;
        this.after = after;
        this.subscriber = subscriber;
        this.events = events;
        this.scheduler = scheduler;
        this.page = page;
        this.whenOver = whenOver;
    }

    RunTail run() {
        return run;
    }

    /** Begins to deliver; until then, nothing is but {@code onSubscribe}. */
    void begin() {
        scheduler.execute(this::work);
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            fail(new IllegalArgumentException("request must be for at least 1 event (rule 3.9)"));
            return;
        }
        demand.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        signal();
    }

    @Override
    public void cancel() {
        over();
    }

    /** Ends the subscription with this error, unless it is over. */
    void fail(Throwable reason) {
        failure = reason;
        signal();
    }

    /** There may be something to do. */
    void signal() {
        if (subscriber != null && signals.getAndIncrement() == 0) {
            scheduler.execute(this::work);
        }
    }

    private Flow.@Nullable Subscriber<? super RunEvent> over() {
        Flow.Subscriber<? super RunEvent> was = subscriber;
        subscriber = null;
        whenOver.accept(this);
        return was;
    }

    private void work() {
        int seen = signals.get();
        do {
            deliver();
            seen = signals.addAndGet(-seen);
        } while (seen != 0);
    }

    private void deliver() {
        boolean goesOn = true;
        while (goesOn) {
            Flow.Subscriber<? super RunEvent> to = subscriber;
            if (to == null) {
                return;
            }
            Throwable reason = failure;
            if (reason != null) {
                over();
                to.onError(reason);
                return;
            }
            goesOn = step(to);
        }
    }

    private boolean step(Flow.Subscriber<? super RunEvent> to) {
        int limit = (int) Math.min(demand.get(), page);
        // Also who takes nothing is told the end, as far as it is known.
        TailStep next = run.next(this, after, Math.max(limit, 1));
        if (next instanceof TailStep.Done) {
            over();
            to.onComplete();
        } else if (limit > 0 && next instanceof TailStep.Take take) {
            return give(to, take.events());
        } else if (limit > 0 && next instanceof TailStep.Read) {
            return read(to, limit);
        }
        return false;
    }

    private boolean read(Flow.Subscriber<? super RunEvent> to, int limit) {
        EventPage found;
        try {
            found = events.list(run.runId(), after, limit);
        } catch (AgentRunException e) {
            if (e.retryable()) {
                return readLater();
            }
            failure = e;
            return true;
        }
        if (found.items().isEmpty()) {
            // Others have seen what this page lacks: it was read from a replica that is behind.
            return readLater();
        }
        failedReads = 0;
        return give(to, found.items());
    }

    private boolean readLater() {
        failedReads++;
        scheduler.schedule(Retries.delay(failedReads), this::signal);
        return false;
    }

    /** Tells the subscriber; one that throws is told nothing more. */
    private boolean give(Flow.Subscriber<? super RunEvent> to, List<RunEvent> found) {
        for (RunEvent event : found) {
            if (subscriber == null) {
                return false;
            }
            demand.getAndUpdate(had -> had == Long.MAX_VALUE ? had : had - 1);
            after = event.seq();
            boolean taken = false;
            try {
                to.onNext(event);
                taken = true;
            } finally {
                if (!taken) {
                    over();
                }
            }
        }
        return true;
    }
}
