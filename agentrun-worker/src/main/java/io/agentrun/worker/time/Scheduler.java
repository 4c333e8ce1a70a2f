package io.agentrun.worker.time;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * Measures time and runs tasks, at once or later, on threads that may block.
 *
 * <p>Thread-safe. No method blocks but {@link #await}.
 */
public interface Scheduler {

    /** Returns a time in nanoseconds that only moves forward; its zero means nothing. */
    long nanoTime();

    /** Runs the task as soon as a thread is free; never on the caller's stack. */
    void execute(Runnable task);

    /**
     * Runs the task when the delay is over, as {@link #execute} would.
     *
     * @param delay zero or negative means at once
     */
    Timer schedule(Duration delay, Runnable task);

    /**
     * Waits on the condition of a lock that the caller holds, as {@link Condition#awaitNanos} does: the lock is free meanwhile, and
     * the wait may end early. A scheduler whose time a test moves waits by that time. This is the one method that blocks.
     *
     * @param nanos how long it waits at most
     * @return how much of that time is left; zero or less if it is over
     * @throws InterruptedException if the thread is interrupted
     */
    @SuppressWarnings("WaitNotInLoop") // the caller's loop
    default long await(Lock lock, Condition condition, long nanos) throws InterruptedException {
        return condition.awaitNanos(nanos);
    }

    /** A task that waits for its time. Thread-safe. */
    interface Timer {

        /** Drops the task if it has not begun; a second call does nothing. */
        void cancel();
    }
}
