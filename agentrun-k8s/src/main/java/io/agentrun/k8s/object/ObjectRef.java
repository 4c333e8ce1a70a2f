package io.agentrun.k8s.object;

import io.agentrun.error.InvalidInputException;
import io.agentrun.storage.KubernetesNames;

/**
 * Where an object of a namespace is. Both parts are checked here, before they come near a path or an argument.
 *
 * <p>Immutable.
 *
 * @param namespace a DNS label
 * @param name a DNS subdomain
 */
public record ObjectRef(String namespace, String name) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming {@code namespace} or {@code name} when it is missing or not of its shape
     */
    public ObjectRef {
        namespace = KubernetesNames.label("namespace", namespace);
        name = KubernetesNames.subdomain("name", name);
    }

    /** Returns {@code namespace/name}. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
