package io.agentrun.postgres;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * When it pays to put tasks that a dispatch passes over into groups: a look at them has been slow, and they are many.
 *
 * <p>Thread-safe.
 */
final class Crowd {

    /** How long it takes at least to find out of one task that something holds it. */
    private static final long MICROS_EACH = 20;

    /** How many slow looks nothing is tried after nothing was to be moved: they were slow for another reason. */
    private static final int PAUSE = 32;

    private final int size;
    private final AtomicInteger pause = new AtomicInteger();

    /** @param size how many tasks are few enough to be passed over one by one */
    Crowd(int size) {
        this.size = size;
    }

    int size() {
        return size;
    }

    /** Returns how long a look takes at most that passes over few. */
    long slowMicros() {
        return size * MICROS_EACH;
    }

    /** Returns whether tasks are to be moved after a slow look. */
    boolean isDue() {
        return size == 0 || pause.getAndUpdate(left -> Math.max(0, left - 1)) == 0;
    }

    /** Takes note of how many were moved. */
    void moved(int count) {
        if (count == 0) {
            pause.set(PAUSE);
        }
    }
}
