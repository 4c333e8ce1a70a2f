package io.agentrun.worker;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.worker.time.Scheduler;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Repeats calls to the store while it is unavailable, until they are stopped: after 100 milliseconds, then after twice as long each time,
 * up to 5 seconds.
 *
 * <p>Thread-safe.
 */
final class StoreCalls {

    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    private final Scheduler scheduler;
    private final Consumer<StoreUnavailableException> trouble;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean stopped;

    StoreCalls(Scheduler scheduler, Consumer<StoreUnavailableException> trouble) {
        this.scheduler = scheduler;
        this.trouble = trouble;
    }

    /** Stops the calls that wait for their repetition, and those that would begin. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns what the call returns, or null once the calls are stopped. */
    <T> @Nullable T again(Supplier<T> call) {
        long pause = FIRST_PAUSE_NANOS;
        while (!isStopped()) {
            try {
                return call.get();
            } catch (StoreUnavailableException e) {
                if (!e.retryable()) {
                    throw e;
                }
                trouble.accept(e);
            }
            pause(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
        return null;
    }

    /** Returns whether nothing is called any more. */
    boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !stopped) {
                try {
                    left = scheduler.await(lock, changed, left);
                } catch (InterruptedException e) {
                    // Interrupts are for the agent.
                    left = 0;
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
