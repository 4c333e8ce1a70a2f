package io.agentrun.error;

/** An input breaks a documented limit or form; nothing has changed, and a retry of the same input fails again. Immutable. */
public class InvalidInputException extends AgentRunException {

    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * @param field the name of the refused input, never its value
     * @param message what is wrong with it, without the value
     */
    public InvalidInputException(String field, String message) {
        super(field + ": " + message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
