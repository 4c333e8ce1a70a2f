package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.example.agent.LocalProcesses;
import io.agentrun.example.agent.Runners;
import io.agentrun.example.kubernetes.KubernetesJobs;
import io.agentrun.k8s.kubectl.ClusterProbe;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.KubectlOptions;
import io.agentrun.k8s.kubectl.ProcessKubectlHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runners that {@code --runner} names, and the cluster for those that are Jobs.
 *
 * <p>Immutable.
 *
 * @param kind processes of this machine, or Jobs
 * @param namespace the namespace of the Jobs
 * @param image the image that the Jobs run, one with a shell
 * @param kubectl the binary
 * @param kubeconfig the file with clusters and credentials; null for kubectl's own choice
 * @param context the context of that file; null for its current one
 */
record RunnerOption(
        Kind kind,
        String namespace,
        String image,
        String kubectl,
        @Nullable Path kubeconfig,
        @Nullable String context) {

    /** The options that are read here. */
    static final Set<String> NAMES =
            Set.of("--runner", "--namespace", "--image", "--kubectl", "--kubeconfig", "--context");

    /** What runs the command lines. */
    enum Kind {
        PROCESSES,
        KUBERNETES
    }

    static RunnerOption processes() {
        return new RunnerOption(Kind.PROCESSES, "default", "busybox:stable", "kubectl", null, null);
    }

    /** The same with one of {@link #NAMES} set. */
    RunnerOption with(String option, String value) {
        return switch (option) {
            case "--runner" -> new RunnerOption(kind(value), namespace, image, kubectl, kubeconfig, context);
            case "--namespace" -> new RunnerOption(kind, value, image, kubectl, kubeconfig, context);
            case "--image" -> new RunnerOption(kind, namespace, value, kubectl, kubeconfig, context);
            case "--kubectl" -> new RunnerOption(kind, namespace, image, value, kubeconfig, context);
            case "--kubeconfig" ->
                new RunnerOption(kind, namespace, image, kubectl, Options.path(option, value), context);
            case "--context" -> new RunnerOption(kind, namespace, image, kubectl, kubeconfig, value);
            default -> throw new IllegalArgumentException(option);
        };
    }

    private static Kind kind(String text) {
        return switch (text) {
            case "processes" -> Kind.PROCESSES;
            case "kubernetes" -> Kind.KUBERNETES;
            default -> throw new UsageException("--runner must be processes or kubernetes, not '" + text + "'");
        };
    }

    /**
     * Checks that nothing is said of a cluster that nobody uses, and that Jobs run command lines.
     *
     * @throws UsageException if it is, or they do not
     */
    void requireConsistent(AgentOption agent) {
        if (kind == Kind.KUBERNETES && agent.kind() != AgentOption.Kind.COMMAND) {
            throw new UsageException("--agent " + agent.kind().word() + " goes with --runner processes alone");
        }
        if (kind == Kind.PROCESSES && !equals(processes())) {
            throw new UsageException("--namespace, --image, --kubectl, --kubeconfig and --context go with "
                    + "--runner kubernetes alone");
        }
    }

    /**
     * Returns the runners; those that are Jobs after a look at the cluster.
     *
     * @throws UsageException if the cluster cannot be used as the options say; the message says why
     */
    Runners open(AgentRunStore store, AgentOption agent) {
        return switch (kind) {
            case PROCESSES -> new LocalProcesses(agent.open());
            case KUBERNETES -> jobs(store);
        };
    }

    private Runners jobs(AgentRunStore store) {
        try {
            KubectlHandler handler = new ProcessKubectlHandler(KubectlOptions.builder()
                    .executable(kubectl)
                    .kubeconfig(kubeconfig)
                    .context(context)
                    .build());
            return jobs(store, handler);
        } catch (InvalidInputException e) {
            throw new UsageException("--runner kubernetes: " + e.getMessage());
        }
    }

    /** Jobs through a handler that is there already. */
    Runners jobs(AgentRunStore store, KubectlHandler handler) {
        ClusterProbe probe = handler.probe(namespace);
        List<String> missing =
                probe.missing().stream().filter(KubernetesJobs.NEEDED::contains).toList();
        if (!missing.isEmpty() || !probe.problems().isEmpty()) {
            throw new UsageException("--runner kubernetes: the cluster cannot be used: "
                    + String.join("; ", probe.problems())
                    + (missing.isEmpty() ? "" : " not allowed: " + String.join(", ", missing)));
        }
        return new KubernetesJobs(store, AgentOption.Kind.COMMAND.backend(), handler, namespace, image);
    }
}
