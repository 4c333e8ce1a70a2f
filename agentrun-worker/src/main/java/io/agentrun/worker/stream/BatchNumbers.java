package io.agentrun.worker.stream;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers for batches of events. They rise within a process, and begin with the time in microseconds, so that a writer that
 * another process makes for the same fence goes on above what the first one used.
 *
 * <p>Thread-safe.
 */
final class BatchNumbers {

    private static final AtomicLong LAST = new AtomicLong();

    private BatchNumbers() {}

    /** Returns a number above all that this process has used. */
    static long next() {
        return above(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - 1);
    }

    /** Returns a number above that one and all that this process has used. */
    static long above(long other) {
        return LAST.accumulateAndGet(other, (last, given) -> Math.max(last, given) + 1);
    }
}
