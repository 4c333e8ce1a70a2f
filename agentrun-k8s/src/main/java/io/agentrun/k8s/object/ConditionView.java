package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A condition in the status of a Job or a pod.
 *
 * <p>Immutable.
 *
 * @param type which one: {@code Complete}, {@code PodScheduled}, {@code DisruptionTarget}, …
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason why, in one word, null when it does not say
 * @param message why, in words, null when it does not say
 */
public record ConditionView(
        String type,
        String status,
        @Nullable String reason,
        @Nullable String message) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public ConditionView {
        type = Require.given("type", type);
        status = Require.given("status", status);
    }

    /** Returns whether this is the condition of that type, with that status. */
    public boolean is(String wantedType, String wantedStatus) {
        return type.equals(wantedType) && status.equals(wantedStatus);
    }
}
