package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A Job as it was read.
 *
 * <p>Immutable.
 *
 * @param meta where it is and whose; its annotations are not read
 * @param state where it stands
 * @param failure why it failed or is about to, null unless it did
 * @param activePods how many of its pods are pending or running
 * @param endingPods how many of its pods are on their way out and have not ended
 * @param deadlineAt when its deadline ends it, null when it has none
 */
public record JobView(
        ObjectMeta meta,
        State state,
        @Nullable Failure failure,
        int activePods,
        int endingPods,
        @AsText @Nullable Instant deadlineAt) {

    /**
     * Why a Job failed or is about to. Immutable.
     *
     * @param reason in one word: {@code BackoffLimitExceeded}, {@code DeadlineExceeded}, {@code PodFailurePolicy}
     * @param message the same in words, null when it does not say
     */
    public record Failure(String reason, @Nullable String message) {

        /** The reason of a Job that took longer than it may. */
        public static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

        /**
         * Checks what is given.
         *
         * @throws InvalidInputException when the reason is missing
         */
        public Failure {
            reason = Require.given("reason", reason);
        }
    }

    /** Where a Job stands. Immutable. */
    public enum State {
        /** It has no pod yet. */
        PENDING,
        /** A pod of it is pending or running. */
        ACTIVE,
        /**
         * Its end is certain and not yet complete: its pods are on their way out, or have ended and the Job is about to.
         * On a node that is silent it stays so.
         */
        ENDING,
        /** Its condition {@code Complete} is true. */
        SUCCEEDED,
        /** Its condition {@code Failed} is true. */
        FAILED;

        /** Returns whether the Job has ended. */
        public boolean finished() {
            return switch (this) {
                case PENDING, ACTIVE, ENDING -> false;
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

    /** Returns why it failed or is about to, in one word; null unless it did. */
    public @Nullable String failureReason() {
        return failure == null ? null : failure.reason();
    }
}
