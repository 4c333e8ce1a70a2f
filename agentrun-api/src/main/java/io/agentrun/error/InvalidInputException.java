package io.agentrun.error;

/**
 * An argument, or a part of one, is not acceptable: missing, blank, too long, out of range, not ours. It is thrown
 * before anything is read or changed. Code {@code invalid-input}, status 400, {@code schema-invalid}, not retryable.
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
     * @param problem the rest of the sentence that begins with the field's name: "must be given"; never the value. Where
     *     it begins with the field's name itself, that is not said twice
     */
    public InvalidInputException(String field, String problem) {
        super(FailureKind.SCHEMA_INVALID, 400, false, sentence(field, problem), facts("field", field), null);
        this.field = field;
    }

    private static String sentence(String field, String problem) {
        return problem.startsWith(field + " ") ? problem : field + " " + problem;
    }

    /** Returns the name of the component or parameter that was refused. */
    public String field() {
        return field;
    }

    /** Returns the same refusal of a part of something larger, whose name stands before the field's: "tasks[3].payload". */
    public InvalidInputException in(String whole) {
        String message = String.valueOf(getMessage());
        InvalidInputException part =
                new InvalidInputException(whole + "." + field, message.substring(field.length() + 1));
        part.setStackTrace(getStackTrace());
        return part;
    }

    /** Returns {@code invalid-input}. */
    @Override
    public String code() {
        return "invalid-input";
    }
}
