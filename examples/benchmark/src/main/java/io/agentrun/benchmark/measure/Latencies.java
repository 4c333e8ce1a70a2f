package io.agentrun.benchmark.measure;

import java.util.Arrays;

/**
 * How long each of many calls took, in nanoseconds.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Latencies {

    private long[] nanos = new long[1024];
    private int size;
    private boolean sorted = true;

    /** Adds one call. */
    public void add(long nanosOfOne) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = nanosOfOne;
        sorted = false;
    }

    /** Adds all calls of another. */
    public void addAll(Latencies other) {
        if (size + other.size > nanos.length) {
            nanos = Arrays.copyOf(nanos, Math.max(nanos.length * 2, size + other.size));
        }
        System.arraycopy(other.nanos, 0, nanos, size, other.size);
        size += other.size;
        sorted = false;
    }

    /** How many calls there are. */
    public int size() {
        return size;
    }

    /**
     * The time in microseconds that the given share of the calls did not exceed (nearest rank); not a number without calls.
     *
     * @throws IllegalArgumentException if the share is not over 0 and at most 1
     */
    public double micros(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("not a share: " + share);
        }
        if (size == 0) {
            return Double.NaN;
        }
        if (!sorted) {
            Arrays.sort(nanos, 0, size);
            sorted = true;
        }
        int rank = (int) Math.ceil(share * size);
        return nanos[rank - 1] / 1_000.0;
    }
}
