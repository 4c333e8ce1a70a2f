package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A container of a pod as the node reported it.
 *
 * <p>Immutable.
 *
 * @param name its name
 * @param state where it stands
 * @param reason why it waits or ended ({@code ImagePullBackOff}, {@code OOMKilled}, {@code Error}), null when it does not
 *     say
 * @param message the same in words, null when it does not say
 * @param exitCode the exit code of one that has ended, else null
 */
public record ContainerView(
        String name,
        State state,
        @Nullable String reason,
        @Nullable String message,
        @Nullable Integer exitCode) {

    /** Where a container stands. Immutable. */
    public enum State {
        /** It has not started. */
        WAITING,
        /** It runs. */
        RUNNING,
        /** It has ended. */
        TERMINATED
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public ContainerView {
        name = Require.given("name", name);
        state = Require.given("state", state);
    }
}
