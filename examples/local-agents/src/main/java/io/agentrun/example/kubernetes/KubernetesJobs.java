package io.agentrun.example.kubernetes;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.example.worker.Agent;
import io.agentrun.example.worker.Runners;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.LaunchRequest;
import io.agentrun.k8s.job.Rescue;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerRescue;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    private static final String ATTEMPT = "attempt-1";
    /** These Jobs report to nobody and are built from no commit. */
    private static final String NONE = "none";

    private final RunnerJobLauncher launcher;
    private final RunnerRescue rescue;

    /** Jobs of this image in this namespace, for the runs of this store. */
    public KubernetesJobs(AgentRunStore store, KubectlHandler kubectl, String namespace, String image) {
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

    /** The worker has claimed the run; the same attempt is another Job once the run was given back and claimed again. */
    @Override
    public Agent start(RunLease held, Command turn) throws IOException {
        String line = turn.payload().string("command").orElse("");
        try {
            LaunchRequest request = LaunchRequest.of(held.fence().runId(), turn.id(), NONE, NONE)
                    .withAttempt(ATTEMPT, held.fence().runnerId())
                    .withEnv(Map.of(COMMAND_LINE, EnvValue.of(line)));
            return new JobAgent(launcher, launcher.launch(request));
        } catch (KubectlException | InvalidInputException e) {
            throw new IOException("cannot start a Job: " + e.getMessage(), e);
        }
    }

    /** A Job outlives its worker: it is stopped, and its pod waited for, before its run is given to another. */
    @Override
    public Map<String, String> recover(ExpiredQuery query) {
        Map<String, String> done = new LinkedHashMap<>();
        for (Rescue examined : rescue.rescue(query)) {
            String what = switch (examined.outcome()) {
                case RECOVERED ->
                    examined.recovery() == null ? "" : examined.recovery().wire();
                case STOPPED_JOB -> "stopped " + examined.detail();
                case WAITING_FOR_POD -> "waiting for " + examined.detail();
                case NOT_NEEDED -> "";
                case FAILED -> "not yet: " + examined.detail();
            };
            if (!what.isEmpty()) {
                done.put(examined.runId(), what);
            }
        }
        return done;
    }
}
