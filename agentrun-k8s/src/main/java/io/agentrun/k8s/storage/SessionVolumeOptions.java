package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What holds for all volumes of an instance. Make one with {@link #of}.
 *
 * <p>Immutable.
 *
 * @param names the names of the instance
 * @param defaults what a volume is like unless its session says otherwise; namespace, size and access modes are given
 * @param namespaceUids the uids that namespaces must have, by name, or no volume is created or evicted there. Without it
 *     a volume is evicted only where the namespace has the uid that was remembered when the volume was made; for a volume
 *     without one (a row of the original manager) the first uid that is seen counts for the life of the process
 */
public record SessionVolumeOptions(InstanceNames names, VolumeSpec defaults, Map<String, String> namespaceUids) {

    /** The size of a volume unless another is given. */
    public static final String DEFAULT_SIZE = "10Gi";

    /**
     * Checks what is given; size and access modes of the defaults become {@value #DEFAULT_SIZE} and
     * {@code ReadWriteOnce} when they are missing.
     *
     * @throws InvalidInputException naming the component that is missing or not of its shape
     */
    public SessionVolumeOptions {
        names = Require.given("names", names);
        Require.given("namespace", Require.given("defaults", defaults).namespace());
        defaults = defaults.orElse(VolumeSpec.builder()
                .size(DEFAULT_SIZE)
                .accessModes(List.of(AccessMode.READ_WRITE_ONCE))
                .build());
        Map<String, String> uids = new TreeMap<>();
        Require.given("namespaceUids", namespaceUids)
                .forEach((name, uid) -> uids.put(
                        KubernetesNames.label("namespaceUids", name), KubernetesSyntax.uid("namespaceUids", uid)));
        namespaceUids = Map.copyOf(uids);
    }

    /**
     * Returns options for volumes of 10 GiB, {@code ReadWriteOnce}, of the cluster's default class.
     *
     * @throws InvalidInputException when the instance id is not a label value or the namespace not a DNS label
     */
    public static SessionVolumeOptions of(String instanceId, String namespace) {
        return new SessionVolumeOptions(
                InstanceNames.of(instanceId),
                VolumeSpec.builder()
                        .namespace(Require.given("namespace", namespace))
                        .build(),
                Map.of());
    }

    /** Returns the same options with other defaults; their namespace may be missing if it stays. */
    public SessionVolumeOptions withDefaults(VolumeSpec value) {
        return new SessionVolumeOptions(names, Require.given("defaults", value).orElse(defaults), namespaceUids);
    }

    /** Returns the same options, for which the namespace must have this uid. */
    public SessionVolumeOptions withNamespaceUid(String namespace, String uid) {
        return new SessionVolumeOptions(names, defaults, InstanceNames.with(namespaceUids, Map.of(namespace, uid)));
    }
}
