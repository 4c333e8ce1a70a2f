package io.agentrun.example;

/**
 * An option that cannot be used, with one line for the user.
 *
 * <p>Immutable.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
