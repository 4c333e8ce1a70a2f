package io.agentrun.postgres.internal.db;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does the database work of virtual threads on a few platform threads. When a virtual thread that waits for a socket is
 * interrupted, the JDK closes the socket: the connection is lost, and nobody knows whether the statement was carried out. Here the
 * caller waits for the end of work that has begun, and keeps its interrupt flag. Work of platform threads stays on them.
 *
 * <p>Thread-safe.
 */
public final class PlatformThreads {

    /** How many calls wait for a thread at most. */
    static final int MAX_WAITING = 10_000;

    private static final long IDLE_SECONDS = 30;

    /** Is {@code Thread.isVirtual()}, which JDK 21 brought; null before. */
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtualMethod();

    private final ThreadPoolExecutor executor;
    private final long patienceNanos;

    /**
     * Starts no thread yet.
     *
     * @param threads how many there are at most
     * @param patience how long a call waits for its turn
     */
    PlatformThreads(int threads, Duration patience) {
        this(threads, MAX_WAITING, patience);
    }

    /** Chooses how many calls wait, for tests. */
    PlatformThreads(int threads, int waiting, Duration patience) {
        AtomicInteger number = new AtomicInteger();
        executor = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(waiting), work -> {
                    // Nothing of the caller that happens to need a thread stays in it.
                    Thread thread = new Thread(null, work, "agentrun-jdbc-" + number.incrementAndGet(), 0, false);
                    thread.setContextClassLoader(PlatformThreads.class.getClassLoader());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        patienceNanos = patience.toNanos();
    }

    private static @Nullable MethodHandle isVirtualMethod() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }

    /** Returns whether the current thread is a virtual one. */
    static boolean onVirtualThread() {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Does the work, and returns what it returns.
     *
     * @throws StoreUnavailableException with {@code POOL_EXHAUSTED} if too many calls wait, or no thread was free in time; the
     *     work was not begun
     */
    <T extends @Nullable Object> T call(Supplier<T> work) {
        return onVirtualThread() ? callElsewhere(work) : work.get();
    }

    /** Does the work on one of the threads. */
    <T extends @Nullable Object> T callElsewhere(Supplier<T> work) {
        FutureTask<T> task = new FutureTask<>(work::get);
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException(
                    Reason.POOL_EXHAUSTED, "too many calls wait for a connection already", null);
        }
        return await(task);
    }

    private <T extends @Nullable Object> T await(FutureTask<T> task) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patienceNanos;
        boolean patient = true;
        try {
            while (true) {
                try {
                    return patient ? task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS) : task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    // Work that has begun is bounded by the timeouts of its statements.
                    patient = false;
                    if (executor.remove(task)) {
                        throw new StoreUnavailableException(
                                Reason.POOL_EXHAUSTED, "no connection was free in time", null);
                    }
                }
            }
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unwrapped(ExecutionException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
    }

    /** Returns how many calls wait for a thread. */
    int waiting() {
        return executor.getQueue().size();
    }

    /** Ends the threads once they have nothing left to do. */
    void close() {
        executor.shutdown();
    }

    /** Does the work at once on a platform thread of its own, if the current thread is a virtual one. */
    public static <T extends @Nullable Object> T callOnce(Supplier<T> work) {
        PlatformThreads one = new PlatformThreads(1, Duration.ofDays(1));
        try {
            return one.call(work);
        } finally {
            one.close();
        }
    }
}
