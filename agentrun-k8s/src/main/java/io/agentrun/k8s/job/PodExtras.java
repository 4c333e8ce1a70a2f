package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the pods of runners have besides the runner. Begin with {@link #none}.
 *
 * <p>Immutable.
 *
 * @param annotations annotations of the pods
 * @param volumes volumes beside the session's own
 * @param terminationGrace how long a runner may take to end after it was asked to, 0 to 1 hour, in whole seconds; 30 seconds
 *     unless given
 * @param disruption what becomes of a Job whose pod has to leave its node
 * @param owner the object that the Jobs belong to, so that they go with it; null for none
 */
public record PodExtras(
        Map<String, String> annotations,
        List<ExtraVolume> volumes,
        @AsText Duration terminationGrace,
        Disruption disruption,
        @Nullable Owner owner) {

    /** What becomes of a Job whose pod has to leave its node. Immutable. */
    public enum Disruption {
        /** It fails, and says that it was disrupted: the host decides whether the turn begins again. */
        FAIL,
        /** It gets another pod, which begins from the start: for runners that resume from the session's volume. */
        RESTART
    }

    /**
     * An object of the Jobs' namespace that owns them. Immutable.
     *
     * @param apiVersion the group and version of its kind
     * @param kind its kind
     * @param name its name
     * @param uid its uid
     */
    public record Owner(String apiVersion, String kind, String name, String uid) {

        /**
         * Checks what is given.
         *
         * @throws InvalidInputException naming {@code owner} when Kubernetes would refuse it
         */
        public Owner {
            if (!Require.given("owner", apiVersion).matches("(?:[a-z0-9.-]{1,253}/)?v[a-z0-9]{1,20}")) {
                throw new InvalidInputException("owner", "must have an apiVersion such as apps/v1");
            }
            if (!Require.given("owner", kind).matches("[A-Za-z]{1,63}")) {
                throw new InvalidInputException("owner", "must have a kind such as Deployment");
            }
            name = KubernetesNames.subdomain("owner", name);
            uid = KubernetesSyntax.uid("owner", uid);
        }
    }

    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public PodExtras {
        annotations = KubernetesSyntax.annotations("annotations", annotations);
        volumes = Require.items("volumes", volumes);
        Set<String> names = new HashSet<>();
        Set<String> paths = new HashSet<>();
        for (ExtraVolume volume : volumes) {
            if (!names.add(volume.name()) || !paths.add(volume.mountPath())) {
                throw new InvalidInputException("volumes", "must have different names and paths");
            }
        }
        if (Require.given("terminationGrace", terminationGrace).isNegative()
                || terminationGrace.compareTo(LONGEST) > 0) {
            throw new InvalidInputException("terminationGrace", "must be between 0 and 1 hour");
        }
        terminationGrace = Duration.ofSeconds(terminationGrace.toSeconds());
        disruption = Require.given("disruption", disruption);
    }

    /** Returns no extras: a grace of 30 seconds, and a Job fails with its pod. */
    public static PodExtras none() {
        return new PodExtras(Map.of(), List.of(), Duration.ofSeconds(30), Disruption.FAIL, null);
    }

    /** Returns the same with these annotations. */
    public PodExtras withAnnotations(Map<String, String> value) {
        return new PodExtras(value, volumes, terminationGrace, disruption, owner);
    }

    /** Returns the same with these volumes. */
    public PodExtras withVolumes(List<ExtraVolume> value) {
        return new PodExtras(annotations, value, terminationGrace, disruption, owner);
    }

    /** Returns the same with another grace. */
    public PodExtras withTerminationGrace(Duration value) {
        return new PodExtras(annotations, volumes, value, disruption, owner);
    }

    /** Returns the same with another treatment of disruptions. */
    public PodExtras withDisruption(Disruption value) {
        return new PodExtras(annotations, volumes, terminationGrace, value, owner);
    }

    /** Returns the same with an owner, or none. */
    public PodExtras withOwner(@Nullable Owner value) {
        return new PodExtras(annotations, volumes, terminationGrace, disruption, value);
    }
}
