package io.agentrun.storage;

import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The intent to create a volume for a session, under names that are remembered from here on.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param namespace the Kubernetes namespace: a DNS label of at most 63 characters
 * @param namespaceUid the cluster's uid of the namespace (1..200 characters), null when it is not known
 * @param pvcName the claim's name: a DNS subdomain of at most 253 characters
 */
public record StorageIntent(
        String sessionId, String namespace, @Nullable String namespaceUid, String pvcName) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageIntent {
        sessionId = Texts.id("sessionId", sessionId);
        namespace = KubernetesNames.label("namespace", namespace);
        namespaceUid = Texts.idOrNull("namespaceUid", namespaceUid);
        pvcName = KubernetesNames.subdomain("pvcName", pvcName);
    }

    /**
     * Makes an intent without the namespace's uid.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageIntent(String sessionId, String namespace, String pvcName) {
        this(sessionId, namespace, null, pvcName);
    }
}
