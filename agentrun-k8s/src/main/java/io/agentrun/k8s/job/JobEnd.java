package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How a runner's Job ended, or is certain to end.
 *
 * <p>Immutable.
 *
 * @param cause what ended it
 * @param exitCode the exit code of the runner's container, null when none was seen
 * @param words why, in the words of Kubernetes; null when it does not say
 */
public record JobEnd(
        Cause cause, @Nullable Integer exitCode, @Nullable String words) {

    /** What ended a Job. Immutable. */
    public enum Cause {
        /** The runner ended with exit code 0. */
        COMPLETED,
        /** The runner ended with another exit code. */
        EXITED,
        /** The runner took more memory than its limit, and was killed. */
        OUT_OF_MEMORY,
        /**
         * The runner took longer than the deadline. Its node ends it shortly before the Job's own deadline, and the log stays;
         * at the Job's own deadline the pod is deleted, and the log goes with it.
         */
        DEADLINE,
        /** Its pod had to leave its node: a drain, a preemption, a node under pressure or gone. */
        DISRUPTED,
        /** Its pod is gone, and nobody says why. */
        UNKNOWN
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when the cause is missing
     */
    public JobEnd {
        cause = Require.given("cause", cause);
    }

    /** Returns whether the runner did what it was started for. */
    public boolean succeeded() {
        return cause == Cause.COMPLETED;
    }

    /** Returns whose fault it was: the infrastructure's for what another attempt may not meet again, else the backend's. */
    public FailureKind failureKind() {
        return switch (cause) {
            case COMPLETED, EXITED, OUT_OF_MEMORY, DEADLINE -> FailureKind.BACKEND_FAILED;
            case DISRUPTED, UNKNOWN -> FailureKind.INFRA_FAILED;
        };
    }
}
