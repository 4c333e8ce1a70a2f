package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session's volume is to be like. What is null is as the defaults say; labels and annotations are added to
 * theirs.
 *
 * <p>Immutable.
 *
 * @param namespace the namespace, a DNS label
 * @param size a quantity of more than zero, such as {@code 10Gi}
 * @param storageClass the storage class, a DNS subdomain; null in the defaults means the cluster's own default
 * @param accessModes the access modes
 * @param labels labels beside agentrun's own
 * @param annotations annotations
 */
public record VolumeSpec(
        @Nullable String namespace,
        @Nullable String size,
        @Nullable String storageClass,
        @Nullable List<AccessMode> accessModes,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public VolumeSpec {
        namespace = namespace == null ? null : KubernetesNames.label("namespace", namespace);
        size = size == null ? null : KubernetesSyntax.quantity("size", size);
        storageClass = storageClass == null ? null : KubernetesNames.subdomain("storageClass", storageClass);
        accessModes = accessModes == null ? null : ClaimManifest.modes(accessModes);
        labels = InstanceNames.hostLabels("labels", Require.given("labels", labels));
        annotations = KubernetesSyntax.annotations("annotations", annotations);
    }

    /** Returns the specification that leaves everything to the defaults. */
    public static VolumeSpec unspecified() {
        return builder().build();
    }

    /** Returns a builder that leaves everything to the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns this specification, with the defaults wherever it says nothing. */
    VolumeSpec orElse(VolumeSpec defaults) {
        return new VolumeSpec(
                namespace == null ? defaults.namespace : namespace,
                size == null ? defaults.size : size,
                storageClass == null ? defaults.storageClass : storageClass,
                accessModes == null ? defaults.accessModes : accessModes,
                InstanceNames.with(defaults.labels, labels),
                InstanceNames.with(defaults.annotations, annotations));
    }

    /**
     * Collects the components of a {@link VolumeSpec}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String namespace;
        private @Nullable String size;
        private @Nullable String storageClass;
        private @Nullable List<AccessMode> accessModes;
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();

        private Builder() {}

        /** Sets the namespace, a DNS label. */
        public Builder namespace(@Nullable String value) {
            this.namespace = value;
            return this;
        }

        /** Sets the size, a quantity of more than zero, such as {@code 10Gi}. */
        public Builder size(@Nullable String value) {
            this.size = value;
            return this;
        }

        /** Sets the storage class, a DNS subdomain. */
        public Builder storageClass(@Nullable String value) {
            this.storageClass = value;
            return this;
        }

        /** Sets the access modes. */
        public Builder accessModes(@Nullable List<AccessMode> value) {
            this.accessModes = value;
            return this;
        }

        /** Sets labels beside agentrun's own. */
        public Builder labels(Map<String, String> value) {
            this.labels = value;
            return this;
        }

        /** Sets annotations. */
        public Builder annotations(Map<String, String> value) {
            this.annotations = value;
            return this;
        }

        /**
         * Returns the checked specification.
         *
         * @throws InvalidInputException naming the component that Kubernetes would refuse
         */
        public VolumeSpec build() {
            return new VolumeSpec(namespace, size, storageClass, accessModes, labels, annotations);
        }
    }
}
