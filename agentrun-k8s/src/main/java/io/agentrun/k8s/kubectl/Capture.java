package io.agentrun.k8s.kubectl;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keeps the beginning of what a program writes.
 *
 * <p>Thread-safe.
 */
final class Capture implements Output {

    /** What happens to bytes over the limit. */
    enum Overflow {
        /** They are read and forgotten. */
        FORGET,
        /** No more are wanted. */
        STOP
    }

    private final Object lock = new Object();
    private final int max;
    private final Overflow overflow;
    private byte[] kept = new byte[8 * 1024];
    private int size;

    Capture(int max, Overflow overflow) {
        this.max = max;
        this.overflow = overflow;
    }

    @Override
    public boolean take(byte[] bytes, int length) {
        synchronized (lock) {
            int fitting = Math.min(length, max - size);
            if (size + fitting > kept.length) {
                kept = Arrays.copyOf(kept, Math.min(max, Math.max(size + fitting, kept.length * 2)));
            }
            System.arraycopy(bytes, 0, kept, size, fitting);
            size += fitting;
            return fitting == length || overflow == Overflow.FORGET;
        }
    }

    String text() {
        synchronized (lock) {
            return new String(kept, 0, size, StandardCharsets.UTF_8);
        }
    }
}
