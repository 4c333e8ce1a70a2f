package io.agentrun.worker.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Something that a test does on another thread.
 *
 * <p>Thread-safe.
 */
public final class Background<T> {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final FutureTask<T> task;
    private final Thread thread;

    private Background(Callable<T> work) {
        task = new FutureTask<>(work);
        thread = new Thread(task, "background");
        thread.setDaemon(true);
        thread.start();
    }

    /** Work that throws. */
    public interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    /** Begins the work. */
    public static Background<Boolean> run(Work work) {
        return new Background<>(() -> {
            work.run();
            return true;
        });
    }

    /** Returns once the thread waits for somebody. */
    public void awaitBlocked() {
        until(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
    }

    /** Whether it is done. */
    public boolean isDone() {
        return task.isDone();
    }

    /** Interrupts the thread. */
    public void interrupt() {
        thread.interrupt();
    }

    /** The result, or what it threw; waits for it. */
    public T get() throws Exception {
        try {
            return task.get(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("it never ends", e);
        }
    }

    /** Returns once the condition holds. */
    public static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it never comes");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
