package io.agentrun.check;

import io.agentrun.error.InvalidInputException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import org.jspecify.annotations.Nullable;

/**
 * The rules for instants, for authors of stores and of records: microseconds, and years 1 to 9999.
 *
 * <p>Thread-safe.
 */
public final class Times {
    /** The earliest instant that a store keeps: the beginning of the year 1, UTC. */
    public static final Instant MIN = Instant.parse("0001-01-01T00:00:00Z");
    /** The latest instant that a store keeps: the last microsecond of the year 9999, UTC. */
    public static final Instant MAX = Instant.parse("9999-12-31T23:59:59.999999Z");

    private static final int NANOS_OF_A_MICRO = 1_000;

    /** The shape of what {@link Instant#toString} gives before the fraction of a second. */
    private static final String SHAPE = "0000-00-00T00:00:00";

    private Times() {}

    /**
     * Reads an instant as {@link Instant#parse} does. What {@link Instant#toString} gives is read by hand, which costs a tenth: stored
     * records have several of them.
     *
     * @throws java.time.format.DateTimeParseException if the text is no ISO-8601 instant
     */
    public static Instant parse(String text) {
        int end = text.length() - 1;
        if (end < SHAPE.length() || end > SHAPE.length() + 10 || text.charAt(end) != 'Z' || !hasShape(text)) {
            return Instant.parse(text);
        }
        int fraction = end == SHAPE.length() ? 0 : fraction(text, end);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        // Leap days and what is in no calendar are left to the library.
        boolean plain = month >= 1
                && month <= 12
                && day >= 1
                && day <= Month.of(month).minLength()
                && hour < 24
                && minute < 60
                && second < 60;
        if (fraction < 0 || !plain) {
            return Instant.parse(text);
        }
        long days = LocalDate.of(number(text, 0, 4), month, day).toEpochDay();
        return Instant.ofEpochSecond(((days * 24 + hour) * 60 + minute) * 60 + second, fraction);
    }

    private static boolean hasShape(String text) {
        for (int i = 0; i < SHAPE.length(); i++) {
            char wanted = SHAPE.charAt(i);
            char given = text.charAt(i);
            if (wanted == '0' ? given < '0' || given > '9' : given != wanted) {
                return false;
            }
        }
        return true;
    }

    /** Returns the nanoseconds behind the point; -1 if there is none, or something else than digits. */
    private static int fraction(String text, int end) {
        int first = SHAPE.length() + 1;
        if (text.charAt(SHAPE.length()) != '.' || first == end) {
            return -1;
        }
        int nanos = 0;
        for (int i = 0; i < 9; i++) {
            char digit = first + i < end ? text.charAt(first + i) : '0';
            if (digit < '0' || digit > '9') {
                return -1;
            }
            nanos = 10 * nanos + digit - '0';
        }
        return nanos;
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = 10 * number + text.charAt(i) - '0';
        }
        return number;
    }

    /**
     * Returns the instant cut (never rounded) to microseconds; the same object where nothing had to be cut.
     *
     * @throws InvalidInputException if it is null, named "time"
     */
    public static Instant micros(Instant instant) {
        Instant given = Require.given("time", instant);
        int beyond = given.getNano() % NANOS_OF_A_MICRO;
        return beyond == 0 ? given : given.minusNanos(beyond);
    }

    /** Returns the instant cut to microseconds, or null for null. */
    public static @Nullable Instant microsOrNull(@Nullable Instant instant) {
        return instant == null ? null : micros(instant);
    }

    /**
     * Returns the instant cut to microseconds.
     *
     * @throws InvalidInputException if it is null, before {@link #MIN} or, once cut, after {@link #MAX}
     */
    public static Instant requireInRange(String field, @Nullable Instant instant) {
        Instant cut = micros(Require.given(field, instant));
        if (cut.isBefore(MIN) || cut.isAfter(MAX)) {
            throw new InvalidInputException(field, "must be between " + MIN + " and " + MAX);
        }
        return cut;
    }

    /** Returns the instant cut to microseconds, or null; a given one follows the rule of {@link #requireInRange}. */
    public static @Nullable Instant requireInRangeOrNull(String field, @Nullable Instant instant) {
        return instant == null ? null : requireInRange(field, instant);
    }
}
