package io.agentrun.postgres.internal.db;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread wants another one to look at, for as long as it waits for that.
 *
 * <p>Thread-safe.
 *
 * @param <T> the answer
 */
final class Question<T> implements Runnable {

    private final FutureTask<T> task;

    Question(Supplier<T> look) {
        this.task = new FutureTask<>(look::get);
    }

    /** Looks, on the current thread; what it throws is the asker's. Does nothing once nobody waits any more. */
    @Override
    public void run() {
        task.run();
    }

    /**
     * Returns the answer, or null if there is none in time; an interrupt ends no wait and stays set.
     *
     * @throws RuntimeException what the look has thrown
     */
    @Nullable
    T answer(Duration patience) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    return task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (TimeoutException e) {
            boolean unused = task.cancel(false);
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
