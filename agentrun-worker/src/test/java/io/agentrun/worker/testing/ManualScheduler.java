package io.agentrun.worker.testing;

import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A scheduler whose time moves when the test says so, and whose tasks run on the thread of the test.
 *
 * <p>Thread-safe.
 */
public final class ManualScheduler implements Scheduler {

    private record Task(long at, long number, Runnable work) {}

    private final Object lock = new Object();
    private final List<Task> tasks = new ArrayList<>();
    private long now = 1_000_000_000_000L;
    private long numbers;

    @Override
    public long nanoTime() {
        synchronized (lock) {
            return now;
        }
    }

    @Override
    public void execute(Runnable task) {
        add(Duration.ZERO, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Task added = add(delay, task);
        return () -> {
            synchronized (lock) {
                tasks.remove(added);
            }
        };
    }

    private Task add(Duration delay, Runnable work) {
        synchronized (lock) {
            Task task = new Task(now + Math.max(0, delay.toNanos()), numbers++, work);
            tasks.add(task);
            return task;
        }
    }

    /** Runs what is due now, and what becomes due by it. */
    public void run() {
        advance(Duration.ZERO);
    }

    /** Moves the time, stopping at each task that becomes due. */
    public void advance(Duration by) {
        long until = nanoTime() + by.toNanos();
        for (Optional<Task> next = take(until); next.isPresent(); next = take(until)) {
            next.get().work().run();
        }
        synchronized (lock) {
            now = until;
        }
    }

    private Optional<Task> take(long until) {
        synchronized (lock) {
            Optional<Task> next = tasks.stream()
                    .filter(task -> task.at() <= until)
                    .min(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
            next.ifPresent(task -> {
                tasks.remove(task);
                now = Math.max(now, task.at());
            });
            return next;
        }
    }

    /** How many tasks wait. */
    public int waiting() {
        synchronized (lock) {
            return tasks.size();
        }
    }
}
