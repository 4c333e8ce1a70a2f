package io.agentrun.error;

/** Root of everything that agentrun throws. Immutable. */
public class AgentRunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public AgentRunException(String message) {
        super(message);
    }
}
