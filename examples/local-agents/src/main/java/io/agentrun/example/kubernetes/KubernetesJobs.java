package io.agentrun.example.kubernetes;

import io.agentrun.AgentRunStore;
import io.agentrun.example.agent.Asked;
import io.agentrun.example.agent.Runners;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.agent.JobAgent;
import io.agentrun.k8s.agent.RescueWitness;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.Rescue;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerRescue;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.model.BackendProfile;
import io.agentrun.worker.Agent;
import io.agentrun.worker.Turn;
import io.agentrun.worker.Witness;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Agents as Jobs, each running the command line of its task in a shell of the image.
 *
 * <p>The Job knows nothing of the store: its worker holds the lease for it, reads its log, and ends the run as the Job
 * ended. Thread-safe.
 */
public final class KubernetesJobs implements Runners {
    /** The variable with the command line; a variable, because the Jobs of all tasks share one template. */
    public static final String COMMAND_LINE = "COMMAND_LINE";

    /** What the account must be allowed to do; these Jobs have no volumes. */
    public static final Set<String> NEEDED = Set.of(
            "create jobs.batch", "get jobs.batch", "list jobs.batch", "delete jobs.batch", "list pods", "get pods/log");

    private static final String INSTANCE = "local-agents";

    private final AgentRunStore store;
    private final BackendProfile backend;
    private final RunnerJobLauncher launcher;
    private final RunnerRescue rescue;

    /** Jobs of this image in this namespace, for the runs of this backend in this store. */
    public KubernetesJobs(
            AgentRunStore store, BackendProfile backend, KubectlHandler kubectl, String namespace, String image) {
        this.store = store;
        this.backend = backend;
        InstanceNames names = InstanceNames.of(INSTANCE);
        RunnerContainer container = RunnerContainer.builder(image)
                .command(List.of("sh", "-c", "eval \"$" + COMMAND_LINE + "\" 2>&1"))
                .build();
        JobTemplate template = JobTemplate.builder(namespace, container).build();
        this.launcher = new RunnerJobLauncher(store, kubectl, names, template);
        this.rescue = new RunnerRescue(store, kubectl, names, namespace, Clock.systemUTC());
    }

    @Override
    public String placement() {
        return "kubernetes";
    }

    @Override
    public Agent agent() {
        return Agent.resuming(JobAgent.of(launcher, KubernetesJobs::environment));
    }

    /** The variables of a turn's Job, which is launched once what its task asks is answered. */
    private static Map<String, EnvValue> environment(Turn turn) {
        EnvValue line = EnvValue.of(line(turn));
        return Asked.answer(turn)
                .map(answer -> Map.of(COMMAND_LINE, line, Asked.ANSWER, EnvValue.of(answer)))
                .orElseGet(() -> Map.of(COMMAND_LINE, line));
    }

    private static String line(Turn turn) {
        return turn.command().payload().string("command").orElse("");
    }

    /** A Job outlives its worker: it is stopped, and its pod waited for, before its run is given to another. */
    @Override
    public Optional<Witness> witness(BiConsumer<String, String> told) {
        return Optional.of(RescueWitness.of(store, rescue, Set.of(backend), examined -> {
            String what = words(examined);
            if (!what.isEmpty()) {
                told.accept(examined.runId(), what);
            }
        }));
    }

    private static String words(Rescue examined) {
        return switch (examined.outcome()) {
            case RECOVERED ->
                examined.recovery() == null ? "" : examined.recovery().wire();
            case STOPPED_JOB -> "stopped " + examined.detail();
            case WAITING_FOR_POD -> "waiting for " + examined.detail();
            case NOT_NEEDED -> "";
            case FAILED -> "not yet: " + examined.detail();
        };
    }
}
