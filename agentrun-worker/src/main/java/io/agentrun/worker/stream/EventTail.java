package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.RunEvent;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Events of runs as they come, for any number of subscribers in this process. Make one for each store.
 *
 * <p>A subscriber gets every event of its run after a number, in order and once, as many as it asks for; {@code onComplete} when
 * the run has ended and its last event was delivered. Outages of the store are waited out. {@code onError} brings what does not
 * pass: {@code NotFoundException} if there is no such run or it is purged, {@code StoreClosedException}, and
 * {@code StateConflictException} when the tail is closed. It keeps the rules of Reactive Streams.
 *
 * <p>Subscribers of one run share its latest events (256 KiB unless set) and the call that waits for the next. One that is slower
 * holds nobody up and nothing in memory but its number: it reads pages of its own, no larger than what it asked for, until it has
 * caught up. A subscriber that blocks in {@code onNext} occupies a thread of the scheduler.
 *
 * <p>Thread-safe.
 */
public final class EventTail implements AutoCloseable {

    private final EventStore events;
    private final Scheduler scheduler;
    private final Runnable afterClose;
    private final Settings settings;
    private final TailWaiter waiter;

    private final Object lock = new Object();
    private final Map<String, RunTail> runs = new HashMap<>();
    private boolean closed;

    private record Settings(long ringBytes, int page, int waitingThreads) {}

    private EventTail(EventStore events, Scheduler scheduler, Settings settings, Runnable afterClose) {
        this.events = events;
        this.scheduler = scheduler;
        this.settings = settings;
        this.afterClose = afterClose;
        this.waiter = new TailWaiter(events, scheduler, settings.page(), settings.waitingThreads());
    }

    /** A tail with the defaults of {@link #builder}. */
    public static EventTail of(EventStore events) {
        return builder(events).build();
    }

    /** Options of a tail. */
    public static Builder builder(EventStore events) {
        return new Builder(Require.given("events", events));
    }

    /**
     * Returns the events of a run after a number; 0 is from the first on, and a reader who comes back gives the number of the last
     * event that it has seen. Each subscriber of the publisher gets them from there.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, or the number is negative
     */
    public Flow.Publisher<RunEvent> from(String runId, long afterSeq) {
        Texts.id("runId", runId);
        Require.between("afterSeq", afterSeq, 0, Long.MAX_VALUE);
        return subscriber -> subscribe(runId, afterSeq, Objects.requireNonNull(subscriber, "subscriber"));
    }

    private void subscribe(String runId, long afterSeq, Flow.Subscriber<? super RunEvent> subscriber) {
        Optional<TailSubscription> subscription = add(runId, afterSeq, subscriber);
        if (subscription.isPresent()) {
            subscriber.onSubscribe(subscription.get());
            subscription.get().begin();
        } else {
            subscriber.onSubscribe(new Over());
            subscriber.onError(closed());
        }
    }

    /** A subscription that is over before it begins. */
    private static final class Over implements Flow.Subscription {
        @Override
        public void request(long n) {
            // Nothing comes but the error.
        }

        @Override
        public void cancel() {
            // It is over.
        }
    }

    private Optional<TailSubscription> add(String runId, long afterSeq, Flow.Subscriber<? super RunEvent> subscriber) {
        synchronized (lock) {
            if (closed) {
                return Optional.empty();
            }
            RunTail run = runs.computeIfAbsent(runId, id -> new RunTail(id, settings.ringBytes(), waiter));
            TailSubscription subscription =
                    new TailSubscription(run, afterSeq, subscriber, events, scheduler, settings.page(), this::forget);
            run.add(subscription);
            return Optional.of(subscription);
        }
    }

    private void forget(TailSubscription subscription) {
        synchronized (lock) {
            RunTail run = subscription.run();
            if (run.remove(subscription)) {
                runs.remove(run.runId(), run);
            }
        }
    }

    private static StateConflictException closed() {
        return new StateConflictException("event tail", "of this process", "closed", "it was closed", false);
    }

    /**
     * Looks whether there is such a run.
     *
     * @throws io.agentrun.error.NotFoundException if there is none
     */
    void check(String runId, long afterSeq) {
        events.list(runId, afterSeq, 1);
    }

    /** How many runs have subscribers. */
    public int watchedRuns() {
        synchronized (lock) {
            return runs.size();
        }
    }

    /** Ends all subscriptions with an error, and the waiting calls. A second call does nothing. */
    @Override
    public void close() {
        List<RunTail> open;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            open = new ArrayList<>(runs.values());
        }
        open.forEach(run -> run.fail(closed()));
        waiter.close();
        afterClose.run();
    }

    /**
     * Options of an {@link EventTail}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private final EventStore events;
        private @Nullable Scheduler scheduler;
        private long ringBytes = 256 << 10;
        private int page = 200;
        private int waitingThreads = 256;

        private Builder(EventStore events) {
            this.events = events;
        }

        /**
         * What lends the threads on which subscribers are told and pages are read; up to 32 threads of its own unless set. Subscribers
         * that block need as many threads.
         */
        public Builder scheduler(Scheduler value) {
            scheduler = Require.given("scheduler", value);
            return this;
        }

        /** How many bytes of a run's latest events its subscribers share; 256 KiB unless set. */
        public Builder ringBytes(long value) {
            ringBytes = Require.between("ringBytes", value, 0, 1L << 40);
            return this;
        }

        /** How many events are read at once, at most; 200 unless set, not more than the store's {@code maxPage}. */
        public Builder page(int value) {
            page = Require.between("page", value, 1, 1_000_000);
            return this;
        }

        /**
         * How many calls wait for events at once, at most; 256 unless set. Each takes a thread. Where more runs than that have
         * subscribers, they take turns, 20 milliseconds each.
         */
        public Builder waitingThreads(int value) {
            waitingThreads = Require.between("waitingThreads", value, 1, 10_000);
            return this;
        }

        /** A tail without subscribers. */
        public EventTail build() {
            Settings settings = new Settings(ringBytes, page, waitingThreads);
            Scheduler given = scheduler;
            if (given != null) {
                return new EventTail(events, given, settings, () -> {});
            }
            ThreadScheduler own = ThreadScheduler.ofThreads(32);
            return new EventTail(events, own, settings, own::close);
        }
    }
}
