package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.Redactor;
import io.agentrun.k8s.object.KubernetesSyntax;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How {@link ProcessKubectlHandler} runs the binary. The process gets no variable of the host's environment but
 * {@code PATH}, {@code HOME}, the user's name, {@code TMPDIR}, {@code KUBECONFIG}, the address of the cluster that a pod
 * has, proxies, and the trusted certificates. Make one with {@link #defaults} or {@link #builder}.
 *
 * <p>Immutable.
 *
 * @param executable the binary: a name to be looked up on the {@code PATH}, or a path; {@code kubectl} unless given
 * @param kubeconfig the file with clusters and credentials, or null for kubectl's own choice ({@code KUBECONFIG}, the
 *     home directory, the service account of the pod)
 * @param context the context of that file, or null for its current one
 * @param home what kubectl takes for the home directory, so that its caches go there; null for the process's own
 * @param deadline how long one call may take in all, and how long a log may be silent while it is read, 100 ms to 10
 *     minutes; 30 seconds unless given
 * @param maxOutputBytes how much one answer may hold, 64 KiB to 4 MiB; 4 MiB unless given. Logs have no limit
 * @param redactor masks secrets in the server's words before they become a message; the standard one unless given
 * @param inherited names of further variables that kubectl gets from the host, for a credential plugin
 *     ({@code AWS_PROFILE}, {@code CLOUDSDK_CONFIG}); none unless given
 */
public record KubectlOptions(
        String executable,
        @Nullable Path kubeconfig,
        @Nullable String context,
        @Nullable Path home,
        Duration deadline,
        int maxOutputBytes,
        Redactor redactor,
        Set<String> inherited) {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int SMALLEST_OUTPUT = 64 * 1024;
    private static final int LARGEST_OUTPUT = 4 * 1024 * 1024;

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or out of the bounds stated above
     */
    public KubectlOptions {
        executable = Texts.title("executable", executable);
        context = Texts.labelOrNull("context", context);
        deadline = Require.given("deadline", deadline);
        if (deadline.compareTo(SHORTEST) < 0 || deadline.compareTo(LONGEST) > 0) {
            throw new InvalidInputException("deadline", "must be between 100 ms and 10 minutes");
        }
        maxOutputBytes = Require.between("maxOutputBytes", maxOutputBytes, SMALLEST_OUTPUT, LARGEST_OUTPUT);
        redactor = Require.given("redactor", redactor);
        inherited = Set.copyOf(Require.given("inherited", inherited));
        for (String name : inherited) {
            KubernetesSyntax.envName("inherited", name);
            if (name.startsWith("KUBECTL_") || name.equals("KUBERC")) {
                throw new InvalidInputException("inherited", "must not name what changes kubectl itself: " + name);
            }
        }
    }

    /** Returns the options that suit a host in the cluster, or one whose own {@code kubectl} works. */
    public static KubectlOptions defaults() {
        return builder().build();
    }

    /** Returns a builder that begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Collects the components of {@link KubectlOptions}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private String executable = "kubectl";
        private @Nullable Path kubeconfig;
        private @Nullable String context;
        private @Nullable Path home;
        private Duration deadline = Duration.ofSeconds(30);
        private int maxOutputBytes = LARGEST_OUTPUT;
        private Redactor redactor = Redactor.standard();
        private Set<String> inherited = Set.of();

        private Builder() {}

        /** Sets the binary: a name to be looked up on the {@code PATH}, or a path. */
        public Builder executable(String value) {
            this.executable = value;
            return this;
        }

        /** Sets the file with clusters and credentials. */
        public Builder kubeconfig(@Nullable Path value) {
            this.kubeconfig = value;
            return this;
        }

        /** Sets the context of that file. */
        public Builder context(@Nullable String value) {
            this.context = value;
            return this;
        }

        /** Sets what kubectl takes for the home directory. */
        public Builder home(@Nullable Path value) {
            this.home = value;
            return this;
        }

        /** Sets how long one call may take in all, 100 ms to 10 minutes. */
        public Builder deadline(Duration value) {
            this.deadline = value;
            return this;
        }

        /** Sets how much one call may answer, 64 KiB to 4 MiB. */
        public Builder maxOutputBytes(int value) {
            this.maxOutputBytes = value;
            return this;
        }

        /** Sets what masks secrets in the server's words before they become a message. */
        public Builder redactor(Redactor value) {
            this.redactor = value;
            return this;
        }

        /** Sets names of further variables that kubectl gets from the host. */
        public Builder inherited(Set<String> value) {
            this.inherited = value;
            return this;
        }

        /**
         * Returns the checked options.
         *
         * @throws InvalidInputException naming the component that is missing or out of its bounds
         */
        public KubectlOptions build() {
            return new KubectlOptions(
                    executable, kubeconfig, context, home, deadline, maxOutputBytes, redactor, inherited);
        }
    }
}
