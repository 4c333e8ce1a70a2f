package io.agentrun.worker.time;

import io.agentrun.check.Require;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Schedules on threads, by {@link System#nanoTime()}: one daemon thread for the time, and for the tasks either daemon threads of
 * its own, up to a number, or the executor of the host.
 *
 * <p>Thread-safe.
 */
public final class ThreadScheduler implements Scheduler, AutoCloseable {

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final ScheduledThreadPoolExecutor time;
    private final Executor workers;
    private final @Nullable ThreadPoolExecutor own;

    private ThreadScheduler(String name, Executor workers, @Nullable ThreadPoolExecutor own) {
        this.workers = workers;
        this.own = own;
        this.time = new ScheduledThreadPoolExecutor(1, daemons(name + "-time"));
        time.setRemoveOnCancelPolicy(true);
    }

    /**
     * A scheduler with up to so many threads of its own, made when they are needed and ended after 10 seconds without a task.
     * Tasks over that number wait for a free thread.
     *
     * @throws io.agentrun.error.InvalidInputException if the number is less than 1
     */
    public static ThreadScheduler ofThreads(int maxThreads) {
        Require.between("maxThreads", maxThreads, 1, Integer.MAX_VALUE);
        String name = "agentrun-stream-" + NUMBERS.incrementAndGet();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                maxThreads, maxThreads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons(name));
        pool.allowCoreThreadTimeOut(true);
        return new ThreadScheduler(name, pool, pool);
    }

    /**
     * A scheduler whose tasks run on the host's executor, such as {@code Executors.newVirtualThreadPerTaskExecutor()}. The
     * executor stays open. Tasks block, so that one of few threads slows everything down.
     *
     * @throws io.agentrun.error.InvalidInputException if the executor is null
     */
    public static ThreadScheduler on(Executor executor) {
        String name = "agentrun-stream-" + NUMBERS.incrementAndGet();
        return new ThreadScheduler(name, Require.given("executor", executor), null);
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        workers.execute(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        ScheduledFuture<?> later =
                time.schedule(() -> workers.execute(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
        return () -> later.cancel(false);
    }

    /** Drops the tasks that wait for their time; those that have begun end by themselves. A second call does nothing. */
    @Override
    public void close() {
        time.shutdownNow();
        if (own != null) {
            own.shutdown();
        }
    }
}
