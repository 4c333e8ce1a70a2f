package io.agentrun.postgres.internal.query;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * When it pays to put tasks that a dispatch passes over into groups: a look at them has been slow, and they are many.
 *
 * <p>Thread-safe.
 */
public final class Crowd {

    /** How long it takes at most to find out of one task that something holds it, on a machine that is not busy. */
    private static final long MICROS_EACH = 50;

    /** How many looks one after the other must have been slow: a single one may have waited for a plan or for a processor. */
    private static final int IN_A_ROW = 3;

    /** How many slow looks nothing is tried after nothing was to be moved: they were slow for another reason. */
    private static final int PAUSE = 32;

    private final int size;
    private final AtomicInteger slow = new AtomicInteger();
    private volatile boolean grouped;

    /** @param size how many tasks are few enough to be passed over one by one; with 0 each look is slow enough */
    public Crowd(int size) {
        this.size = size;
    }

    /** Returns how many tasks are few enough. */
    public int size() {
        return size;
    }

    /** Returns how many tasks must go into one group. */
    public int groupSize() {
        return size / 8 + 1;
    }

    /** Returns how long a look takes at most that passes over few. */
    public long slowMicros() {
        return size * MICROS_EACH;
    }

    /** Returns whether there were groups when somebody looked last, so that the next look asks for them at once. */
    boolean isGrouped() {
        return grouped;
    }

    /** Takes note of whether there are groups. */
    void grouped(boolean now) {
        if (grouped != now) {
            grouped = now;
        }
    }

    /** Takes note of a look, and returns whether tasks are to be moved after it. */
    public boolean isDueAfter(boolean slowLook) {
        if (size == 0) {
            return slowLook;
        }
        if (!slowLook) {
            if (slow.get() > 0) {
                slow.set(0);
            }
            return false;
        }
        return slow.incrementAndGet() >= IN_A_ROW;
    }

    /** Takes note of how many were moved. */
    public void moved(int count) {
        grouped(grouped || count > 0);
        slow.set(count == 0 ? -PAUSE : 0);
    }
}
