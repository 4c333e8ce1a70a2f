package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the pods of runners run. Begin with {@link #anywhere}.
 *
 * <p>Immutable.
 *
 * @param nodeSelector labels that a node must have
 * @param tolerations which taints of nodes are no obstacle
 * @param affinity the affinity as Kubernetes writes it, or null for none
 * @param priorityClassName the priority class, or null for the cluster's default
 * @param runtimeClassName the runtime class, such as one of gVisor or Kata, or null for the cluster's default
 */
public record PodScheduling(
        Map<String, String> nodeSelector,
        List<Toleration> tolerations,
        @Nullable JsonObject affinity,
        @Nullable String priorityClassName,
        @Nullable String runtimeClassName) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public PodScheduling {
        nodeSelector = KubernetesSyntax.labels("nodeSelector", nodeSelector);
        tolerations = Require.items("tolerations", tolerations);
        priorityClassName =
                priorityClassName == null ? null : KubernetesNames.subdomain("priorityClassName", priorityClassName);
        runtimeClassName =
                runtimeClassName == null ? null : KubernetesNames.subdomain("runtimeClassName", runtimeClassName);
    }

    /** Returns the scheduling that leaves everything to the cluster. */
    public static PodScheduling anywhere() {
        return new PodScheduling(Map.of(), List.of(), null, null, null);
    }

    /** Returns the same on nodes with these labels alone. */
    public PodScheduling withNodeSelector(Map<String, String> value) {
        return new PodScheduling(value, tolerations, affinity, priorityClassName, runtimeClassName);
    }

    /** Returns the same with these tolerations. */
    public PodScheduling withTolerations(List<Toleration> value) {
        return new PodScheduling(nodeSelector, value, affinity, priorityClassName, runtimeClassName);
    }

    /** Returns the same with this affinity, as Kubernetes writes it. */
    public PodScheduling withAffinity(@Nullable JsonObject value) {
        return new PodScheduling(nodeSelector, tolerations, value, priorityClassName, runtimeClassName);
    }

    /** Returns the same with this priority class. */
    public PodScheduling withPriorityClassName(@Nullable String value) {
        return new PodScheduling(nodeSelector, tolerations, affinity, value, runtimeClassName);
    }

    /** Returns the same with this runtime class. */
    public PodScheduling withRuntimeClassName(@Nullable String value) {
        return new PodScheduling(nodeSelector, tolerations, affinity, priorityClassName, value);
    }

    /**
     * A taint that is no obstacle. Immutable.
     *
     * @param key the key of the taint
     * @param value the value that it must have, or null for any
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}, or null for all three
     */
    public record Toleration(
            String key, @Nullable String value, @Nullable String effect) {

        private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

        /**
         * Checks what is given.
         *
         * @throws InvalidInputException naming {@code tolerations} when Kubernetes would refuse it
         */
        public Toleration {
            key = KubernetesSyntax.labelKey("tolerations", key);
            value = value == null ? null : KubernetesSyntax.labelValue("tolerations", value);
            if (effect != null && !EFFECTS.contains(effect)) {
                throw new InvalidInputException("tolerations", "must have an effect of " + EFFECTS);
            }
        }
    }
}
