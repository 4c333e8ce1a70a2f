package io.agentrun.check;

import io.agentrun.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks of input that is not text: what breaks one is an {@link InvalidInputException} that names the field, never a
 * {@link NullPointerException}. For text see {@link Texts}, for times {@link Times}. Audience: store authors.
 *
 * <p>Immutable.
 */
public final class Require {

    private Require() {}

    /**
     * Returns the value, which is there.
     *
     * @throws InvalidInputException when the value is null
     */
    public static <T> T given(String field, @Nullable T value) {
        if (value == null) {
            throw new InvalidInputException(field, "must be given");
        }
        return value;
    }

    /**
     * Returns an unmodifiable copy of the list, which holds no null.
     *
     * @throws InvalidInputException when the list or one of its items is null
     */
    public static <T> List<T> items(String field, @Nullable List<T> values) {
        List<T> present = given(field, values);
        for (T item : present) {
            if (item == null) {
                throw new InvalidInputException(field + "[]", "must be given");
            }
        }
        return List.copyOf(present);
    }

    /**
     * Returns the number, which is neither under {@code min} nor over {@code max}; both bounds are allowed themselves.
     *
     * @throws InvalidInputException when the number is out of these bounds
     */
    public static long between(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidInputException(
                    field,
                    max == Long.MAX_VALUE ? "must be at least " + min : "must be between " + min + " and " + max);
        }
        return value;
    }

    /**
     * Returns the number, which is neither under {@code min} nor over {@code max}; both bounds are allowed themselves.
     *
     * @throws InvalidInputException when the number is out of these bounds
     */
    public static int between(String field, int value, int min, int max) {
        return (int) between(field, (long) value, (long) min, (long) max);
    }
}
