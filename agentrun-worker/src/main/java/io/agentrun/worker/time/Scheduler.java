package io.agentrun.worker.time;

import java.time.Duration;

/**
 * Measures time and runs tasks, at once or later, on threads that may block.
 *
 * <p>Thread-safe. No method blocks.
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

    /** A task that waits for its time. Thread-safe. */
    interface Timer {

        /** Drops the task if it has not begun; a second call does nothing. */
        void cancel();
    }
}
