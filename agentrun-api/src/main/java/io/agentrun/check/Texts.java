package io.agentrun.check;

import io.agentrun.error.InvalidInputException;
import io.agentrun.text.PlainText;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules for text that enters a store, for authors of stores and of records.
 *
 * <p>Lengths are counted in Unicode code points. Every method returns the text that it was given, or throws
 * {@link InvalidInputException} naming the field; null is refused like any other bad text. The value itself is never
 * repeated in the message.
 *
 * <p>Thread-safe.
 */
public final class Texts {
    /** The longest id, in code points. */
    public static final int MAX_ID = 200;
    /** The longest idempotency key, in code points. */
    public static final int MAX_KEY = 255;
    /** The longest label (queue, lane, profile, provider), in code points. */
    public static final int MAX_LABEL = 200;
    /** The longest title, in code points. */
    public static final int MAX_TITLE = 500;
    /** The longest message or reason, in code points. */
    public static final int MAX_MESSAGE = 16_384;
    /** The longest cursor, in code points. */
    public static final int MAX_CURSOR = 2_000;

    private Texts() {}

    /**
     * Returns the id as it is.
     *
     * @throws InvalidInputException if it is null, blank, longer than {@value #MAX_ID}, begins or ends with white space,
     *     or holds a control character, a lone surrogate, or a character that nobody sees: a format character such as
     *     those that turn the direction of text, or a line or paragraph separator
     */
    public static String id(String field, @Nullable String value) {
        return name(field, value, MAX_ID);
    }

    /** Returns the id as it is, or null; a given one follows the rule of {@link #id}. */
    public static @Nullable String idOrNull(String field, @Nullable String value) {
        return value == null ? null : id(field, value);
    }

    /**
     * Returns the idempotency key as it is.
     *
     * @throws InvalidInputException as for {@link #id}, with a greatest length of {@value #MAX_KEY}
     */
    public static String key(String field, @Nullable String value) {
        return name(field, value, MAX_KEY);
    }

    /** Returns the idempotency key as it is, or null; a given one follows the rule of {@link #key}. */
    public static @Nullable String keyOrNull(String field, @Nullable String value) {
        return value == null ? null : key(field, value);
    }

    /**
     * Returns the label (queue, lane, profile, provider and the like) as it is.
     *
     * @throws InvalidInputException as for {@link #id}, with a greatest length of {@value #MAX_LABEL}
     */
    public static String label(String field, @Nullable String value) {
        return name(field, value, MAX_LABEL);
    }

    /** Returns the label as it is, or null; a given one follows the rule of {@link #label}. */
    public static @Nullable String labelOrNull(String field, @Nullable String value) {
        return value == null ? null : label(field, value);
    }

    /**
     * Returns the title as it is.
     *
     * @throws InvalidInputException if it is null, blank, longer than {@value #MAX_TITLE}, or holds a NUL character, a lone
     *     surrogate, or a character that nobody sees, as for {@link #id}; emoji and words of some scripts are made with
     *     U+200C and U+200D, which a title may hold
     */
    public static String title(String field, @Nullable String value) {
        String given = text(field, value, MAX_TITLE);
        if (given.isBlank()) {
            throw new InvalidInputException(field, "must not be blank");
        }
        for (int i = 0; i < given.length(); i += Character.charCount(given.codePointAt(i))) {
            int c = given.codePointAt(i);
            if (PlainText.isHidden(c) && !PlainText.isJoiner(c)) {
                throw new InvalidInputException(field, PlainText.HIDDEN);
            }
        }
        return given;
    }

    /** Returns the length of a text for a log that is not to show it: "12 characters", or "null". */
    public static String size(@Nullable String text) {
        return text == null ? "null" : text.length() + " characters";
    }

    /**
     * Returns the message (a failure's text, a reason) as it is; it may be empty.
     *
     * @throws InvalidInputException if it is null, longer than {@value #MAX_MESSAGE}, or holds a NUL character or a lone
     *     surrogate
     */
    public static String message(String field, @Nullable String value) {
        return text(field, value, MAX_MESSAGE);
    }

    /** Returns the message as it is, or null; a given one follows the rule of {@link #message}. */
    public static @Nullable String messageOrNull(String field, @Nullable String value) {
        return value == null ? null : message(field, value);
    }

    /**
     * Returns the cursor as it is, or null for none. Whether it is one of ours, only the store that made it can tell.
     *
     * @throws InvalidInputException as for {@link #id}, with a greatest length of {@value #MAX_CURSOR}
     */
    public static @Nullable String cursorOrNull(String field, @Nullable String value) {
        return value == null ? null : name(field, value, MAX_CURSOR);
    }

    /**
     * Returns the constant whose wire string is the given text, by exact comparison.
     *
     * @throws InvalidInputException if the text is null or no constant has it; the message lists the ones that exist
     */
    public static <E extends Enum<E>> E wire(
            String field, @Nullable String value, E[] constants, Function<E, String> wireOf) {
        Require.given(field, value);
        for (E constant : constants) {
            if (wireOf.apply(constant).equals(value)) {
                return constant;
            }
        }
        throw new InvalidInputException(
                field, "must be one of " + Arrays.stream(constants).map(wireOf).collect(Collectors.joining(", ")));
    }

    private static String name(String field, @Nullable String value, int max) {
        return refuse(field, value, PlainText.problemOfName(Require.given(field, value), max));
    }

    private static String text(String field, @Nullable String value, int max) {
        return refuse(field, value, PlainText.problem(Require.given(field, value), max));
    }

    private static String refuse(String field, @Nullable String value, @Nullable String problem) {
        if (problem != null) {
            throw new InvalidInputException(field, problem);
        }
        return Require.given(field, value);
    }
}
