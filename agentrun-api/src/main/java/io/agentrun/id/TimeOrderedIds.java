package io.agentrun.id;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** Version 7 UUIDs as ids, rising over all threads of the JVM. Thread-safe. */
final class TimeOrderedIds implements IdSource {
    /** One for the JVM, because the order that is promised is the JVM's. */
    static final TimeOrderedIds INSTANCE = new TimeOrderedIds();

    private static final int COUNTER_BITS = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int HEX_DIGITS = 32;

    private final long salt = new SecureRandom().nextLong();
    /** Milliseconds and counter of the last id, in one number; a full counter borrows from the next millisecond. */
    private final AtomicLong last = new AtomicLong();

    private TimeOrderedIds() {}

    @Override
    public String next(String prefix) {
        long now = System.currentTimeMillis() << COUNTER_BITS;
        long stamp = last.updateAndGet(previous -> Math.max(previous + 1, now));
        long high = (stamp >>> COUNTER_BITS) << 16 | VERSION_7 | (stamp & 0xfff);
        // The stamp is never repeated in this JVM; mixing it with the salt keeps two JVMs apart without a shared
        // random generator that all threads would queue for.
        long low = mix(mix(stamp) ^ salt) >>> 2 | VARIANT;
        byte[] front = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] id = Arrays.copyOf(front, front.length + 1 + HEX_DIGITS);
        id[front.length] = '_';
        hex(id, front.length + 1, high);
        hex(id, front.length + 1 + HEX_DIGITS / 2, low);
        return new String(id, StandardCharsets.UTF_8);
    }

    private static void hex(byte[] to, int at, long bits) {
        long left = bits;
        for (int i = at + HEX_DIGITS / 2 - 1; i >= at; i--) {
            to[i] = HEX[(int) left & 0xf];
            left >>>= 4;
        }
    }

    /** The finalizer of SplitMix64: every bit of the input changes every bit of the result. */
    private static long mix(long value) {
        long z = value + 0x9e37_79b9_7f4a_7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
