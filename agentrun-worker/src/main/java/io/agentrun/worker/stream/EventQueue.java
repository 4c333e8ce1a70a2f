package io.agentrun.worker.stream;

import io.agentrun.error.AgentRunException;
import io.agentrun.event.RunEvent;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber for one thread that waits: it asks for a few events ahead and keeps them until they are taken.
 *
 * <p>Thread-safe; one thread takes.
 */
final class EventQueue implements Flow.Subscriber<RunEvent>, AutoCloseable {

    private static final int AHEAD = 64;

    private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private volatile Flow.@Nullable Subscription subscription;
    private int taken;

    /**
     * An event, or the end.
     *
     * @param event the event; null for the end
     * @param error why it ended; null if the run has ended
     */
    record Signal(@Nullable RunEvent event, @Nullable Throwable error) {

        void throwError() {
            if (error instanceof AgentRunException known) {
                throw known;
            }
            if (error != null) {
                throw new IllegalStateException(error);
            }
        }
    }

    /** Returns the next signal, or null when the time is over. */
    @Nullable
    Signal poll(long timeout, TimeUnit unit) throws InterruptedException {
        Signal signal = signals.poll(timeout, unit);
        Flow.Subscription from = subscription;
        if (signal != null && from != null && ++taken == AHEAD / 2) {
            taken = 0;
            from.request(AHEAD / 2);
        }
        return signal;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(AHEAD);
    }

    @Override
    public void onNext(RunEvent event) {
        signals.add(new Signal(event, null));
    }

    @Override
    public void onError(Throwable error) {
        signals.add(new Signal(null, error));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal(null, null));
    }

    /** Takes no more. */
    @Override
    public void close() {
        Flow.Subscription from = subscription;
        if (from != null) {
            from.cancel();
        }
    }
}
