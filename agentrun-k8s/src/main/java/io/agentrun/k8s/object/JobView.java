package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A Job as it was read.
 *
 * <p>Immutable.
 *
 * @param meta where it is and whose
 * @param state where it stands
 * @param failureReason why it failed ({@code BackoffLimitExceeded}, {@code DeadlineExceeded}), null unless it did
 * @param activePods how many of its pods are pending or running
 */
public record JobView(
        ObjectMeta meta, State state, @Nullable String failureReason, int activePods) {

    /** Where a Job stands. Immutable. */
    public enum State {
        /** It has no pod yet. */
        PENDING,
        /** A pod of it is pending or running. */
        ACTIVE,
        /** Its condition {@code Complete} is true. */
        SUCCEEDED,
        /** Its condition {@code Failed} is true. */
        FAILED;

        /** Returns whether the Job has ended. */
        public boolean finished() {
            return switch (this) {
                case PENDING, ACTIVE -> false;
                case SUCCEEDED, FAILED -> true;
            };
        }
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public JobView {
        meta = Require.given("meta", meta);
        state = Require.given("state", state);
    }

    /** Returns whether the Job has ended. */
    public boolean finished() {
        return state.finished();
    }
}
