package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Which volume claim a session has. The names are remembered as they were when the intent was written, never derived
 * again.
 *
 * <p>Immutable.
 *
 * @param namespace the Kubernetes namespace
 * @param namespaceUid the cluster's uid of the namespace; null for a row of the original manager, or when nobody gave it.
 *     It tells this cluster from another one with a namespace of that name
 * @param name the name of the PersistentVolumeClaim
 * @param uid the cluster's uid of the claim, null until it is known
 * @param phase the claim's phase as it was last seen ({@code Pending}, {@code Bound}, …)
 */
public record PvcRef(
        String namespace,
        @Nullable String namespaceUid,
        String name,
        @Nullable String uid,
        @Nullable String phase) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public PvcRef {
        namespace = Require.given("namespace", namespace);
        name = Require.given("name", name);
    }

    /** Returns the reference to a claim that the cluster has not confirmed yet: no uids, no phase. */
    public static PvcRef named(String namespace, String name) {
        return new PvcRef(namespace, null, name, null, null);
    }

    /** Returns a copy with another {@code namespaceUid}: the cluster's uid of the namespace, null when it is not known. */
    public PvcRef withNamespaceUid(@Nullable String namespaceUid) {
        return new PvcRef(namespace, namespaceUid, name, uid, phase);
    }

    /** Returns a copy with another {@code uid}: the cluster's uid of the claim, null until it is known. */
    public PvcRef withUid(@Nullable String uid) {
        return new PvcRef(namespace, namespaceUid, name, uid, phase);
    }

    /**
     * Returns a copy with another {@code phase}: the claim's phase as it was last seen ({@code Pending}, {@code Bound},
     * …).
     */
    public PvcRef withPhase(@Nullable String phase) {
        return new PvcRef(namespace, namespaceUid, name, uid, phase);
    }
}
