package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import org.jspecify.annotations.Nullable;

/**
 * A volume of a runner's pod beside the session's own. Make one with a factory.
 *
 * <p>Immutable.
 *
 * @param name its name in the pod, a DNS label
 * @param mountPath where it is in the container, an absolute path
 * @param source what it holds
 * @param object the name of the ConfigMap, Secret or claim, null for an empty directory
 * @param sizeLimit how large an empty directory may grow, a quantity, or null for no limit of its own
 */
public record ExtraVolume(
        String name,
        String mountPath,
        Source source,
        @Nullable String object,
        @Nullable String sizeLimit) {

    /** What a volume holds. Immutable. */
    public enum Source {
        /** The keys of a ConfigMap as files, read-only. */
        CONFIG_MAP,
        /** The keys of a Secret as files, read-only. */
        SECRET,
        /** The files of a claim that exists, read-only. */
        CLAIM,
        /** Nothing at first; it goes with the pod. */
        EMPTY
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming {@code volumes} when Kubernetes would refuse it, or the name is one of agentrun's
     */
    public ExtraVolume {
        name = KubernetesNames.label("volumes", name);
        if (name.equals(Manifests.VOLUME) || name.equals(Manifests.TMP)) {
            throw new InvalidInputException("volumes", "must not be named " + name + ", which agentrun uses");
        }
        if (!JobTemplate.isPath(Require.given("volumes", mountPath))) {
            throw new InvalidInputException("volumes", "must be mounted at an absolute path of plain names");
        }
        source = Require.given("volumes", source);
        if ((source == Source.EMPTY) != (object == null)) {
            throw new InvalidInputException("volumes", "must name an object unless it is empty");
        }
        object = object == null ? null : KubernetesNames.subdomain("volumes", object);
        sizeLimit = sizeLimit == null ? null : KubernetesSyntax.quantity("volumes", sizeLimit);
    }

    /** Returns a volume with the keys of a ConfigMap as files. */
    public static ExtraVolume configMap(String name, String mountPath, String configMap) {
        return new ExtraVolume(name, mountPath, Source.CONFIG_MAP, configMap, null);
    }

    /** Returns a volume with the keys of a Secret as files. */
    public static ExtraVolume secret(String name, String mountPath, String secret) {
        return new ExtraVolume(name, mountPath, Source.SECRET, secret, null);
    }

    /** Returns a volume with the files of a claim, read-only: a cache that many share. */
    public static ExtraVolume claim(String name, String mountPath, String claim) {
        return new ExtraVolume(name, mountPath, Source.CLAIM, claim, null);
    }

    /** Returns an empty directory that may grow to this size; null for no limit of its own. */
    public static ExtraVolume empty(String name, String mountPath, @Nullable String sizeLimit) {
        return new ExtraVolume(name, mountPath, Source.EMPTY, null, sizeLimit);
    }
}
