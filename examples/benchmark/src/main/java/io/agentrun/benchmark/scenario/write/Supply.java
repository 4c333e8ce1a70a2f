package io.agentrun.benchmark.scenario.write;

import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an operation uses up: made in advance between the slices, as much as twice of what the last slice took.
 *
 * <p>Thread-safe.
 */
final class Supply<T> {

    private static final int LEAST = 4_000;

    /** Makes so many more. */
    @FunctionalInterface
    interface Source<T> {
        List<T> make(int count) throws SQLException;
    }

    private final Source<T> source;
    private final Queue<T> left = new ConcurrentLinkedQueue<>();
    private final AtomicInteger taken = new AtomicInteger();

    Supply(Source<T> source) {
        this.source = source;
    }

    /** Makes enough for the next slice. */
    void fill() {
        int wanted = Math.max(LEAST, 2 * taken.getAndSet(0));
        int missing = wanted - left.size();
        try {
            if (missing > 0) {
                left.addAll(source.make(missing));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("nothing to work on", e);
        }
    }

    /** The next one; null if none is left. */
    @Nullable
    T take() {
        taken.incrementAndGet();
        return left.poll();
    }
}
