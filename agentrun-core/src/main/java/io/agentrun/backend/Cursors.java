package io.agentrun.backend;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of lists and feeds: opaque text that can stand in a URL as it is, holding the sort keys of the last item that
 * was shown. A cursor knows which list it is of (its kind) and with which filters (its fingerprint), and serves no other.
 *
 * <p>The checksum in it finds accidents and honest mistakes. It is no signature: a cursor grants nothing, so that a store
 * checks the scope of every page anew and treats the keys as any other input.
 *
 * <p>Audience: store authors. Thread-safe.
 */
public final class Cursors {

    private static final String FIELD = "cursor";
    private static final byte VERSION = 1;
    private static final int FINGERPRINT_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int MAX_COUNT = 255;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private Cursors() {}

    /**
     * Returns the cursor of the kind, bound to the fingerprint, with the keys in their order; the same arguments always
     * give the same cursor.
     *
     * @param kind which list or feed it is of: "sessions", "queue", …
     * @param fingerprint the stable text of its filters, of any length, for example {@code QueueQuery.fingerprint()}
     * @param keys the sort keys of the last item shown, or what else tells where to go on; together with the kind they may
     *     have about 1,400 bytes
     * @throws IllegalArgumentException when kind and keys are too large for a cursor of 2,000 characters, or hold a lone
     *     surrogate: a defect of the store
     */
    public static String encode(String kind, String fingerprint, List<String> keys) {
        if (keys.size() > MAX_COUNT) {
            throw new IllegalArgumentException("a cursor has at most " + MAX_COUNT + " keys");
        }
        byte[] kindBytes = utf8(kind);
        List<byte[]> keyBytes = keys.stream().map(Cursors::utf8).toList();
        int size = 2 + Short.BYTES + kindBytes.length + FINGERPRINT_BYTES + CHECKSUM_BYTES;
        for (byte[] key : keyBytes) {
            size += Short.BYTES + key.length;
        }
        if ((size * 4L + 2) / 3 > Texts.MAX_CURSOR) {
            throw new IllegalArgumentException("a cursor of kind " + kind + " is too large");
        }
        ByteBuffer buffer = ByteBuffer.allocate(size);
        buffer.put(VERSION);
        put(buffer, kindBytes);
        buffer.put(digest(fingerprint));
        buffer.put((byte) keyBytes.size());
        keyBytes.forEach(key -> put(buffer, key));
        buffer.putInt(checksum(buffer.array(), buffer.position()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
    }

    /**
     * Returns the keys that the cursor was made with, in their order.
     *
     * <p>A cursor can be forged. Its keys are text that a database can take (without NUL and lone surrogates); what they
     * say is for {@link #number}, {@link #intNumber}, {@link #instant} and {@link #id} to check.
     *
     * @throws InvalidInputException naming {@code cursor} when it is null, longer than 2,000 characters, not one of ours
     *     or changed by so much as a letter, of another kind or fingerprint, with another number of keys, or with a key
     *     that holds a NUL character or is not UTF-8
     */
    public static List<String> decode(String kind, String fingerprint, int keyCount, @Nullable String cursor) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(Require.given(FIELD, cursor)));
        int end = buffer.limit() - CHECKSUM_BYTES;
        if (end < 0 || buffer.getInt(end) != checksum(buffer.array(), end)) {
            throw foreign();
        }
        buffer.limit(end);
        try {
            if (buffer.get() != VERSION) {
                throw foreign();
            }
            if (!kind.equals(text(buffer))) {
                throw new InvalidInputException(FIELD, "must be one of this list, not of another");
            }
            byte[] bound = new byte[FINGERPRINT_BYTES];
            buffer.get(bound);
            if (!Arrays.equals(bound, digest(fingerprint))) {
                throw new InvalidInputException(FIELD, "must be used with the arguments that it came from");
            }
            int count = Byte.toUnsignedInt(buffer.get());
            List<String> keys = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                keys.add(key(buffer));
            }
            if (count != keyCount || buffer.hasRemaining()) {
                throw foreign();
            }
            return List.copyOf(keys);
        } catch (BufferUnderflowException e) {
            // The checksum held, so that somebody made it on purpose; the answer is the same.
            throw foreign();
        }
    }

    /** Returns the key of an instant: the microseconds since 1970, rounded down. */
    public static String key(Instant instant) {
        return key(Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), MICROS_PER_SECOND), instant.getNano() / 1_000L));
    }

    /** Returns the key of a number. */
    public static String key(long number) {
        return Long.toString(number);
    }

    /**
     * Returns the instant that {@link #key(Instant)} made the key of, in microseconds.
     *
     * @throws InvalidInputException naming {@code cursor} when the key is not one, or of a time that no store keeps
     */
    public static Instant instant(String key) {
        Instant instant = Instant.EPOCH.plus(number(key), ChronoUnit.MICROS);
        if (instant.isBefore(Times.MIN) || instant.isAfter(Times.MAX)) {
            throw foreign();
        }
        return instant;
    }

    /**
     * Returns the number that {@link #key(long)} made the key of.
     *
     * @throws InvalidInputException naming {@code cursor} when the key is not one
     */
    public static long number(String key) {
        try {
            long number = Long.parseLong(key);
            if (key(number).equals(key)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw foreign();
        }
        throw foreign();
    }

    /**
     * Returns the number that {@link #key(long)} made the key of, as an {@code int}.
     *
     * @throws InvalidInputException naming {@code cursor} when the key is not one, or not of an {@code int}
     */
    public static int intNumber(String key) {
        long number = number(key);
        if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
            throw foreign();
        }
        return (int) number;
    }

    /**
     * Returns the id that the key is.
     *
     * @throws InvalidInputException naming {@code cursor} when no id can be like that, by the rule of {@link Texts#id}
     */
    public static String id(String key) {
        return Texts.id(FIELD, key);
    }

    private static InvalidInputException foreign() {
        return new InvalidInputException(FIELD, "must be one that this store gave out, unchanged");
    }

    private static byte[] bytes(String cursor) {
        if (cursor.length() > Texts.MAX_CURSOR) {
            throw new InvalidInputException(FIELD, "must not be longer than " + Texts.MAX_CURSOR + " characters");
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            throw foreign();
        }
        // The decoder also takes padding and stray bits at the end, which no cursor of ours has.
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(cursor)) {
            throw foreign();
        }
        return bytes;
    }

    private static void put(ByteBuffer buffer, byte[] text) {
        buffer.putShort((short) text.length);
        buffer.put(text);
    }

    private static String text(ByteBuffer buffer) {
        byte[] text = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Reads a key that a database can take; a lone surrogate has no form in UTF-8. */
    private static String key(ByteBuffer buffer) {
        byte[] bytes = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(bytes);
        try {
            String key = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (key.indexOf(0) < 0) {
                return key;
            }
        } catch (CharacterCodingException e) {
            throw foreign();
        }
        throw foreign();
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // A lone surrogate becomes a question mark, and the key would come back as another one.
        if (!new String(bytes, StandardCharsets.UTF_8).equals(text)) {
            throw new IllegalArgumentException("a cursor cannot hold a lone surrogate");
        }
        return bytes;
    }

    private static byte[] digest(String fingerprint) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256").digest(fingerprint.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(whole, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
