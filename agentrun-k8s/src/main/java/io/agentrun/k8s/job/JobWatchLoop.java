package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.k8s.job.JobWatch.Look;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.runner.RunnerJob;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks with a {@link JobWatch} in a thread of its own, as often as is worth its while. There is no thread while there is no
 * Job. One loop serves all Jobs of a host in a namespace.
 *
 * <p>Thread-safe.
 */
public final class JobWatchLoop implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(2);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final JobWatch watch;
    private final Clock clock;
    private final Consumer<Look> listener;
    private @Nullable Thread thread;
    private boolean added;
    private boolean closed;

    private JobWatchLoop(JobWatch watch, Clock clock, Consumer<Look> listener) {
        this.watch = watch;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * Returns a loop that looks once a Job is added.
     *
     * @param watch a watch that nobody else looks with
     * @param clock what the age of pods and the pauses between two looks at a log are measured with
     * @param listener gets what each look did, in the loop's thread; what it throws is ignored
     */
    public static JobWatchLoop of(JobWatch watch, Clock clock, Consumer<Look> listener) {
        return new JobWatchLoop(
                Require.given("watch", watch), Require.given("clock", clock), Require.given("listener", listener));
    }

    /** Watches the Job from now on, as {@link JobWatch#add} does. After {@link #close} nothing is heard of it. */
    public void add(RunnerJob job, @Nullable LogPosition after, JobObserver observer) {
        watch.add(job, after, observer);
        lock.lock();
        try {
            added = true;
            changed.signalAll();
            if (thread == null && !closed) {
                Thread started = new Thread(this::run, "agentrun-job-watch");
                started.setDaemon(true);
                thread = started;
                started.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops watching the Job; a look that is under way may still tell of it. */
    public void remove(RunnerJob job) {
        watch.remove(job);
    }

    private void run() {
        try {
            while (goesOnAfter(look())) {
                // Each pause is as long as the look before it said.
            }
        } catch (InterruptedException e) {
            // Closed while it looked.
            Thread.currentThread().interrupt();
        } finally {
            ended();
        }
    }

    /** Lets the next Job start another thread, whatever has ended this one. */
    private void ended() {
        lock.lock();
        try {
            if (thread == Thread.currentThread()) {
                thread = null;
            }
        } finally {
            lock.unlock();
        }
    }

    // A loop that outlives whatever a look or a listener does: all Jobs of a host depend on it.
    @SuppressWarnings("CatchingUnchecked")
    private Duration look() {
        Look look;
        try {
            look = watch.look(clock.instant());
        } catch (RuntimeException e) {
            look = new Look(
                    AFTER_A_FAULT,
                    0,
                    List.of("a look at the Jobs failed: " + e.getClass().getSimpleName()));
        }
        try {
            listener.accept(look);
        } catch (RuntimeException e) {
            // The listener's own affair.
            return look.next();
        }
        return look.next();
    }

    /** Waits so long, or until a Job is added; returns whether there is one left to look at. */
    private boolean goesOnAfter(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!closed && !added && left > 0 && watch.size() > 0) {
                left = changed.awaitNanos(left);
            }
            added = false;
            if (closed || watch.size() == 0) {
                thread = null;
                return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the loop; a look that was under way is waited for, 10 seconds at most. A second call does nothing. */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (running == null) {
            return;
        }
        try {
            running.join(GRACE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.interrupt();
    }
}
