package io.agentrun.id;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Random numbers of {@link SecureRandom}, fetched {@value #NUMBERS} at a time: one call to the generator costs as much for
 * a block as for a number. Threads share {@value #STRIPES} buffers, so that they rarely wait for each other; a virtual
 * thread keeps nothing. A number is erased when it is given. Thread-safe.
 */
public final class SecureBits implements LongSupplier {

    static final int NUMBERS = 128;
    private static final int STRIPES = 8;

    /** One for the JVM: a buffer holds what nobody has had yet. */
    private static final SecureBits SHARED = new SecureBits();

    private final Buffer[] buffers = new Buffer[STRIPES];

    SecureBits() {
        this(new SecureRandom());
    }

    /** Returns the source of this JVM. */
    public static SecureBits shared() {
        return SHARED;
    }

    /** Takes the bits from this generator. */
    SecureBits(SecureRandom source) {
        for (int i = 0; i < STRIPES; i++) {
            buffers[i] = new Buffer(source);
        }
    }

    /** Returns a number that was never given before. */
    @Override
    public long getAsLong() {
        return buffers[(int) Thread.currentThread().getId() & (STRIPES - 1)].next();
    }

    /** Numbers that nobody has had. Thread-safe. */
    private static final class Buffer {

        private final Object lock = new Object();
        private final SecureRandom source;
        private final byte[] bytes = new byte[NUMBERS * Long.BYTES];
        private final ByteBuffer numbers = ByteBuffer.wrap(bytes).position(bytes.length);

        Buffer(SecureRandom source) {
            this.source = source;
        }

        long next() {
            synchronized (lock) {
                if (!numbers.hasRemaining()) {
                    source.nextBytes(bytes);
                    numbers.clear();
                }
                int at = numbers.position();
                long number = numbers.getLong();
                Arrays.fill(bytes, at, at + Long.BYTES, (byte) 0);
                return number;
            }
        }
    }
}
