package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ObjectRef;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster says of a runner's Job.
 *
 * <p>Immutable.
 *
 * @param job the Job
 * @param state where it stands
 * @param end how it ended or is certain to end; null before that, and for a Job that is gone
 * @param trouble what keeps it from starting or ending, null when nothing is known to
 */
public record RunnerJobStatus(
        ObjectRef job,
        State state,
        @Nullable JobEnd end,
        @Nullable JobTrouble trouble) {

    /** Where a runner's Job stands. Immutable. */
    public enum State {
        /** It has no pod yet. */
        PENDING,
        /** A pod of it is pending or running. */
        ACTIVE,
        /** It is about to end: its pod is on its way out, or has ended. On a silent node it stays so. */
        ENDING,
        /** Its runner ended with exit code 0. */
        SUCCEEDED,
        /** Its runner ended otherwise, or took too long. */
        FAILED,
        /** The cluster has no such Job: stopped, or ended and past its time to live. */
        GONE
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public RunnerJobStatus {
        job = Require.given("job", job);
        state = Require.given("state", state);
    }

    /**
     * Returns whether nothing about the outcome changes any more, so that the run can be ended: also while a pod on a silent
     * node keeps the Job from ending.
     */
    public boolean decided() {
        return switch (state) {
            case PENDING, ACTIVE -> false;
            case ENDING -> end != null;
            case SUCCEEDED, FAILED, GONE -> true;
        };
    }
}
