package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.storage.KubernetesNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the Jobs of runners have in common. Make one with {@link #builder}.
 *
 * <p>Immutable.
 *
 * @param namespace the namespace, that of the sessions' volumes
 * @param container what runs
 * @param serviceAccountName as which service account, or null for the namespace's default
 * @param security as whom
 * @param deadline how long a Job may take in all before Kubernetes ends it, 1 second to 7 days; 1 hour unless given. The
 *     runner is asked to end by its node 15 seconds and the grace of {@link PodExtras} before that, so that its last output
 *     and its log are kept, if that leaves it half of the deadline or more
 * @param ttl how long an ended Job stays for its outcome and its log, 1 minute to 7 days; 10 minutes unless given. A shorter
 *     time could lose the outcome of a run between two looks
 * @param mountPath where the session's volume is, an absolute path; {@code /agentrun/session} unless given
 * @param labels labels of Job and pod beside agentrun's own
 * @param imagePullSecrets the Secrets with the registry's credentials
 * @param scheduling where the pods run; anywhere unless given
 * @param extras what the pods have besides the runner; nothing unless given
 */
public record JobTemplate(
        String namespace,
        RunnerContainer container,
        @Nullable String serviceAccountName,
        JobSecurity security,
        @AsText Duration deadline,
        @AsText Duration ttl,
        String mountPath,
        Map<String, String> labels,
        List<String> imagePullSecrets,
        PodScheduling scheduling,
        PodExtras extras) {

    /** Where the session's volume is unless another path is given. */
    public static final String DEFAULT_MOUNT_PATH = "/agentrun/session";

    private static final Pattern PATH = Pattern.compile("(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}){1,20}");
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration SHORTEST_TTL = Duration.ofMinutes(1);

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public JobTemplate {
        namespace = KubernetesNames.label("namespace", namespace);
        container = Require.given("container", container);
        serviceAccountName =
                serviceAccountName == null ? null : KubernetesNames.subdomain("serviceAccountName", serviceAccountName);
        security = Require.given("security", security);
        deadline = between("deadline", deadline, Duration.ofSeconds(1));
        ttl = between("ttl", ttl, SHORTEST_TTL);
        if (!isPath(Require.given("mountPath", mountPath))) {
            throw new InvalidInputException("mountPath", "must be an absolute path of plain names");
        }
        labels = InstanceNames.hostLabels("labels", Require.given("labels", labels));
        imagePullSecrets = Require.items("imagePullSecrets", imagePullSecrets);
        imagePullSecrets.forEach(name -> KubernetesNames.subdomain("imagePullSecrets", name));
        scheduling = Require.given("scheduling", scheduling);
        extras = Require.given("extras", extras);
        for (ExtraVolume volume : extras.volumes()) {
            boolean tmp = volume.mountPath().equals("/tmp")
                    && security.rootFilesystem() == JobSecurity.RootFilesystem.READ_ONLY;
            if (volume.mountPath().equals(mountPath) || tmp) {
                throw new InvalidInputException("volumes", "must not be mounted where agentrun mounts its own");
            }
        }
    }

    static boolean isPath(String path) {
        return PATH.matcher(path).matches();
    }

    private static Duration between(String field, Duration value, Duration least) {
        if (Require.given(field, value).compareTo(least) < 0 || value.compareTo(WEEK) > 0) {
            throw new InvalidInputException(field, "must be between " + least.toSeconds() + " s and 7 days");
        }
        return Duration.ofSeconds(value.toSeconds());
    }

    /** Returns a builder that begins with the defaults. */
    public static Builder builder(String namespace, RunnerContainer container) {
        return new Builder(namespace, container);
    }

    /**
     * Collects the components of a {@link JobTemplate}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private final String namespace;
        private final RunnerContainer container;
        private @Nullable String serviceAccountName;
        private JobSecurity security = JobSecurity.defaults();
        private Duration deadline = Duration.ofHours(1);
        private Duration ttl = Duration.ofMinutes(10);
        private String mountPath = DEFAULT_MOUNT_PATH;
        private Map<String, String> labels = Map.of();
        private List<String> imagePullSecrets = List.of();
        private PodScheduling scheduling = PodScheduling.anywhere();
        private PodExtras extras = PodExtras.none();

        private Builder(String namespace, RunnerContainer container) {
            this.namespace = namespace;
            this.container = container;
        }

        /** Sets the service account. */
        public Builder serviceAccountName(@Nullable String value) {
            this.serviceAccountName = value;
            return this;
        }

        /** Sets as whom it runs. */
        public Builder security(JobSecurity value) {
            this.security = value;
            return this;
        }

        /** Sets how long a Job may take in all, in whole seconds. */
        public Builder deadline(Duration value) {
            this.deadline = value;
            return this;
        }

        /** Sets how long an ended Job stays, in whole seconds. */
        public Builder ttl(Duration value) {
            this.ttl = value;
            return this;
        }

        /** Sets where the session's volume is. */
        public Builder mountPath(String value) {
            this.mountPath = value;
            return this;
        }

        /** Sets labels of Job and pod beside agentrun's own. */
        public Builder labels(Map<String, String> value) {
            this.labels = value;
            return this;
        }

        /** Sets the Secrets with the registry's credentials. */
        public Builder imagePullSecrets(List<String> value) {
            this.imagePullSecrets = value;
            return this;
        }

        /** Sets where the pods run. */
        public Builder scheduling(PodScheduling value) {
            this.scheduling = value;
            return this;
        }

        /** Sets what the pods have besides the runner. */
        public Builder extras(PodExtras value) {
            this.extras = value;
            return this;
        }

        /**
         * Returns the checked template.
         *
         * @throws InvalidInputException naming the component that Kubernetes would refuse
         */
        public JobTemplate build() {
            return new JobTemplate(
                    namespace,
                    container,
                    serviceAccountName,
                    security,
                    deadline,
                    ttl,
                    mountPath,
                    labels,
                    imagePullSecrets,
                    scheduling,
                    extras);
        }
    }
}
