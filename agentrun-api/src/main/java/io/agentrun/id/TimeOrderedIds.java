package io.agentrun.id;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Version 7 UUIDs as ids, rising over all threads of the JVM, with random bits of their own. Thread-safe. */
final class TimeOrderedIds implements IdSource {
    /** One for the JVM, because the order that is promised is the JVM's. */
    static final TimeOrderedIds INSTANCE = new TimeOrderedIds(SecureBits.shared());

    private static final int COUNTER_BITS = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int HEX_DIGITS = 32;

    private final LongSupplier random;
    /** Milliseconds and counter of the last id, in one number; a full counter borrows from the next millisecond. */
    private final AtomicLong last = new AtomicLong();

    /** Takes the random bits from here; they must be those of a cryptographic generator. */
    TimeOrderedIds(LongSupplier random) {
        this.random = random;
    }

    @Override
    public String next(String prefix) {
        long now = System.currentTimeMillis() << COUNTER_BITS;
        long stamp = last.updateAndGet(previous -> Math.max(previous + 1, now));
        long high = (stamp >>> COUNTER_BITS) << 16 | VERSION_7 | (stamp & 0xfff);
        // Every id has 62 random bits of its own: nothing can be computed from the ids that somebody knows.
        long low = random.getAsLong() >>> 2 | VARIANT;
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
}
