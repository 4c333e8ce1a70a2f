package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.storage.KubernetesNames;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A PersistentVolumeClaim to be created.
 *
 * <p>Immutable.
 *
 * @param ref where it is to be
 * @param labels its labels
 * @param annotations its annotations
 * @param size the storage that it asks for, a quantity such as {@code 10Gi}
 * @param storageClass its class, or null for the cluster's default
 * @param accessModes how it may be mounted, at least one; {@link AccessMode#READ_WRITE_ONCE_POD} only alone
 */
public record ClaimManifest(
        ObjectRef ref,
        Map<String, String> labels,
        Map<String, String> annotations,
        String size,
        @Nullable String storageClass,
        List<AccessMode> accessModes) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public ClaimManifest {
        ref = Require.given("ref", ref);
        labels = KubernetesSyntax.labels("labels", labels);
        annotations = KubernetesSyntax.annotations("annotations", annotations);
        size = KubernetesSyntax.quantity("size", size);
        storageClass = storageClass == null ? null : KubernetesNames.subdomain("storageClass", storageClass);
        accessModes = modes(accessModes);
    }

    /**
     * Returns the access modes, which may stand together in one claim.
     *
     * @throws InvalidInputException naming {@code accessModes} when there is none, one is given twice, or
     *     {@link AccessMode#READ_WRITE_ONCE_POD} is not alone
     */
    public static List<AccessMode> modes(@Nullable List<AccessMode> modes) {
        List<AccessMode> given = Require.items("accessModes", modes);
        if (given.isEmpty() || Set.copyOf(given).size() != given.size()) {
            throw new InvalidInputException("accessModes", "must name at least one mode, and none twice");
        }
        if (given.size() > 1 && given.contains(AccessMode.READ_WRITE_ONCE_POD)) {
            throw new InvalidInputException("accessModes", "must not join ReadWriteOncePod with another mode");
        }
        return given;
    }
}
