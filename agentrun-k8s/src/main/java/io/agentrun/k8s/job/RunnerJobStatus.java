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
 * @param reason why it failed, in the words of Kubernetes; null unless it did
 */
public record RunnerJobStatus(
        ObjectRef job, State state, @Nullable String reason) {

    /** Where a runner's Job stands. Immutable. */
    public enum State {
        /** It has no pod yet. */
        PENDING,
        /** A pod of it is pending or running. */
        ACTIVE,
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
}
