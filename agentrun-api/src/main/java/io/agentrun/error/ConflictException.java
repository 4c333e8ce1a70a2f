package io.agentrun.error;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The call is sound and what is stored stands against it. Status 409; the leaf says what stands in the way and
 * {@link #retryable()} whether that passes by itself.
 *
 * <p>Immutable.
 */
public abstract class ConflictException extends AgentRunException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a conflict.
     *
     * @param failureKind the wire name of what failed
     * @param retryable whether the same call may succeed later without anything else being done
     * @param message for people
     * @param facts what {@link #details()} shows
     */
    protected ConflictException(
            FailureKind failureKind, boolean retryable, String message, Map<String, ? extends @Nullable Object> facts) {
        super(failureKind, 409, retryable, message, facts, null);
    }
}
