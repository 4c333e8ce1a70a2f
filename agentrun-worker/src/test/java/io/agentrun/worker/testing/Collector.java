package io.agentrun.worker.testing;

import io.agentrun.event.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that keeps what it is told.
 *
 * <p>Thread-safe.
 */
public class Collector implements Flow.Subscriber<RunEvent> {

    private final long first;
    private final List<RunEvent> events = new ArrayList<>();
    private Flow.@Nullable Subscription subscription;
    private @Nullable Throwable error;
    private int ends;
    private int inside;
    private boolean overlapped;

    /** Asks for so many events at the beginning; 0 for none. */
    public Collector(long first) {
        this.first = first;
    }

    /** One that takes everything. */
    public static Collector ofAll() {
        return new Collector(Long.MAX_VALUE);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        synchronized (this) {
            subscription = given;
        }
        if (first > 0) {
            given.request(first);
        }
    }

    @Override
    public void onNext(RunEvent event) {
        enter();
        synchronized (this) {
            events.add(event);
        }
        taken(event);
        leave();
    }

    private synchronized void enter() {
        overlapped |= inside++ > 0;
    }

    private synchronized void leave() {
        inside--;
    }

    /** What a test does with an event. */
    protected void taken(RunEvent event) {}

    @Override
    public synchronized void onError(Throwable given) {
        error = given;
        ends++;
    }

    @Override
    public synchronized void onComplete() {
        ends++;
    }

    /** The subscription. */
    public synchronized Flow.Subscription subscription() {
        if (subscription == null) {
            throw new AssertionError("onSubscribe was not called");
        }
        return subscription;
    }

    /** The numbers of the events. */
    public synchronized List<Long> numbers() {
        return events.stream().map(RunEvent::seq).toList();
    }

    /** How it ended with an error; null if it has not. */
    public synchronized @Nullable Throwable error() {
        return error;
    }

    /** Whether it has ended. */
    public synchronized boolean isOver() {
        return ends > 0;
    }

    /** Whether it was told everything one after the other, and its end at most once. */
    public synchronized boolean isProper() {
        return !overlapped && ends <= 1;
    }

    /** Returns when it has ended. */
    public void awaitEnd() {
        Background.until(this::isOver);
    }

    /** Returns when it has so many events. */
    public void awaitEvents(int count) {
        Background.until(() -> numbers().size() >= count);
    }
}
