package io.agentrun.worker;

import io.agentrun.worker.time.Scheduler;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other, in the order in which they came, each on some thread of the scheduler: what only these tasks touch
 * needs no lock.
 *
 * <p>Thread-safe.
 */
final class Mailbox {

    private static final System.Logger LOG = System.getLogger("io.agentrun.worker");

    private final Scheduler scheduler;
    private final Object lock = new Object();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    Mailbox(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Runs the task after all that came before it. */
    void post(Runnable task) {
        synchronized (lock) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            scheduler.execute(this::drain);
        } catch (RejectedExecutionException e) {
            // The worker is closed: nobody is left for whom the task would be done.
            LOG.log(System.Logger.Level.DEBUG, "a task came after the worker was closed", e);
        }
    }

    private void drain() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                // One task that fails must not stop the others.
                LOG.log(System.Logger.Level.ERROR, "a task of the worker failed", e);
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (lock) {
            Runnable task = tasks.poll();
            if (task == null) {
                running = false;
            }
            return task;
        }
    }
}
