package io.agentrun.error;

import io.agentrun.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * An argument, or a part of one, is not acceptable: missing, blank, too long, out of range, not ours. It is thrown
 * before anything is read or changed. Status 400, {@code schema-invalid}, not retryable.
 *
 * <p>The message names the field and the rule that it breaks; the value itself is never repeated.
 *
 * <p>Immutable.
 */
public final class InvalidInputException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * Says what is wrong with a field.
     *
     * @param field the name of the component or parameter: "runId", "limit", "payload.prompt"
     * @param problem the rest of the sentence that begins with the field's name: "must be given"
     */
    public InvalidInputException(String field, String problem) {
        super(FailureKind.SCHEMA_INVALID, 400, false, field + " " + problem, facts("field", field), null);
        this.field = field;
    }

    /** The name of the component or parameter that was refused. */
    public String field() {
        return field;
    }

    /**
     * Returns the value as it is.
     *
     * @throws InvalidInputException if the value is null: "… must be given"
     */
    public static <T> T requireGiven(String field, @Nullable T value) {
        if (value == null) {
            throw new InvalidInputException(field, "must be given");
        }
        return value;
    }

    /**
     * Returns the number as it is.
     *
     * @throws InvalidInputException if the number is less than {@code min} or greater than {@code max}
     */
    public static int requireRange(String field, int value, int min, int max) {
        return (int) requireRange(field, (long) value, min, max);
    }

    /**
     * Returns the number as it is.
     *
     * @throws InvalidInputException if the number is less than {@code min} or greater than {@code max}; a {@code max} of
     *     {@link Long#MAX_VALUE} reads "must be at least {@code min}" in the message
     */
    public static long requireRange(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InvalidInputException(
                    field,
                    max == Long.MAX_VALUE ? "must be at least " + min : "must be between " + min + " and " + max);
        }
        return value;
    }
}
