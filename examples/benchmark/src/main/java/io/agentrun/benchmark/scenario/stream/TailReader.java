package io.agentrun.benchmark.scenario.stream;

import io.agentrun.benchmark.measure.Latencies;
import io.agentrun.event.RunEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;

/**
 * Takes the time of each event that it gets.
 *
 * <p>Thread-safe: it is told one thing after the other.
 */
final class TailReader implements Flow.Subscriber<RunEvent> {

    /** Where the payload says when the event was about to be appended. */
    static final String AT = "at";

    private final CountDownLatch open;
    private final Latencies latencies = new Latencies();
    private long last;
    private String problem = "";

    TailReader(CountDownLatch open) {
        this.open = open;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized void onNext(RunEvent event) {
        long now = System.nanoTime();
        if (event.seq() != last + 1) {
            problem = "event " + event.seq() + " came after " + last;
        }
        last = event.seq();
        event.payload().number(AT).ifPresent(at -> latencies.add(now - at.longValueExact()));
    }

    @Override
    public synchronized void onError(Throwable error) {
        problem = String.valueOf(error.getMessage());
        open.countDown();
    }

    @Override
    public void onComplete() {
        open.countDown();
    }

    synchronized Latencies latencies() {
        return latencies;
    }

    /** Fails unless everything came, once and in order, up to this number. */
    synchronized void check(long expected) {
        if (!problem.isEmpty() || last != expected) {
            throw new IllegalStateException("a subscriber got " + last + " of " + expected + " events " + problem);
        }
    }
}
