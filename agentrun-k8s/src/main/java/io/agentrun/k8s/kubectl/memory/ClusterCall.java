package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import org.jspecify.annotations.Nullable;

/**
 * One call that reached the cluster in memory.
 *
 * <p>Immutable.
 *
 * @param verb the verb in the words of RBAC: {@code create}, {@code get}, {@code list}, {@code delete}
 * @param resource the plural, with its group: {@code persistentvolumeclaims}, {@code pods}, {@code pods/log},
 *     {@code jobs.batch} and the like
 * @param namespace where
 * @param name the object's name, null for a list
 */
public record ClusterCall(
        String verb,
        String resource,
        String namespace,
        @Nullable String name) {

    /**
     * Checks what is given.
     *
     * @throws io.agentrun.error.InvalidInputException when a component that is not nullable is missing
     */
    public ClusterCall {
        verb = Require.given("verb", verb);
        resource = Require.given("resource", resource);
        namespace = Require.given("namespace", namespace);
    }

    /** Returns {@code verb resource}, the permission that the call needs. */
    public String permission() {
        return verb + " " + resource;
    }

    /** Returns the call in words. */
    String operation() {
        return permission() + " " + namespace + (name == null ? "" : "/" + name);
    }
}
