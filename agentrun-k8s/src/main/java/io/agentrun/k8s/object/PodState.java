package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a pod stands.
 *
 * <p>Immutable.
 *
 * @param phase {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}
 * @param node the node that it was given to, null while it has none
 * @param reason why the pod as a whole has ended, in one word ({@code DeadlineExceeded}, {@code Evicted}); null when its
 *     containers tell, or it has not ended
 * @param conditions its conditions
 * @param containers its containers, those that prepare it last
 */
public record PodState(
        String phase,
        @Nullable String node,
        @Nullable String reason,
        List<ConditionView> conditions,
        List<ContainerView> containers) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public PodState {
        phase = Require.given("phase", phase);
        conditions = Require.items("conditions", conditions);
        containers = Require.items("containers", containers);
    }

    /** Makes the state of a pod that gives no reason for itself as a whole. */
    public PodState(
            String phase, @Nullable String node, List<ConditionView> conditions, List<ContainerView> containers) {
        this(phase, node, null, conditions, containers);
    }

    /** Returns the state of a pod in this phase of which nothing else is known. */
    public static PodState of(String phase, @Nullable String node) {
        return new PodState(phase, node, List.of(), List.of());
    }

    /** Returns the same state with this reason for the pod as a whole. */
    public PodState withReason(@Nullable String value) {
        return new PodState(phase, node, value, conditions, containers);
    }

    /** Returns the condition of this type and status, if there is one. */
    public Optional<ConditionView> condition(String type, String status) {
        return conditions.stream()
                .filter(condition -> condition.is(type, status))
                .findFirst();
    }

    /** Returns the container of this name, if the node has reported it. */
    public Optional<ContainerView> container(String name) {
        return containers.stream()
                .filter(container -> container.name().equals(name))
                .findFirst();
    }
}
