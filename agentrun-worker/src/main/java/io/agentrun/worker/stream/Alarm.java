package io.agentrun.worker.stream;

import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Runs one task at the earliest of the times that it was set to.
 *
 * <p>Not thread-safe: its owner's lock guards it. The task calls {@link #rung} under that lock before anything else.
 */
final class Alarm {

    private final Scheduler scheduler;
    private final Runnable task;
    private Scheduler.@Nullable Timer timer;
    private long at;

    Alarm(Scheduler scheduler, Runnable task) {
        this.scheduler = scheduler;
        this.task = task;
    }

    /** Sees to it that the task runs at this time of the scheduler, or earlier if it was set to an earlier one. */
    void set(long nanoTime) {
        if (timer != null && at - nanoTime <= 0) {
            return;
        }
        cancel();
        at = nanoTime;
        timer = scheduler.schedule(Duration.ofNanos(nanoTime - scheduler.nanoTime()), task);
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** The task runs: the next {@link #set} counts anew. */
    void rung() {
        timer = null;
    }
}
