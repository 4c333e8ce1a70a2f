package io.agentrun.k8s.job;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.job.Rescue.Outcome;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.PodView;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.KubernetesNames;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Gives the runs of lost runners to others, or ends them, after the cluster was asked as a second witness: a Job that
 * still runs is stopped first, and while a pod of the run may still write on the session's volume, the run is given to
 * nobody.
 *
 * <p>It takes the place of {@link io.agentrun.LeaseStore#recoverExpired} where runners are Jobs. A run without any
 * Job in the cluster is recovered at once.
 *
 * <p>Thread-safe.
 */
public final class RunnerRescue {

    /** How long a pod may be on its way out before it counts as dead (its node is lost). */
    public static final Duration DEAD_POD_AFTER = Duration.ofMinutes(15);

    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final InstanceNames names;
    private final String namespace;
    private final Clock clock;

    /**
     * Makes a rescue; neither store nor cluster is asked before the first call.
     *
     * @param namespace the namespace of the Jobs; others are looked into as far as the store remembers Jobs there
     * @param clock what the age of a dying pod is measured with
     */
    public RunnerRescue(
            AgentRunStore store, KubectlHandler kubectl, InstanceNames names, String namespace, Clock clock) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
        this.names = Require.given("names", names);
        this.namespace = KubernetesNames.label("namespace", namespace);
        this.clock = Require.given("clock", clock);
    }

    /**
     * Every lease that has run out, as far as the query goes, was judged; the answer has one item for each, oldest expiry
     * first. A second call goes on where the first one had to wait. Without expired leases the cluster is not asked;
     * otherwise each namespace is asked for its Jobs and pods once.
     */
    public List<Rescue> rescue(ExpiredQuery query) {
        List<Rescue> rescues = new ArrayList<>();
        Map<String, Witness> witnesses = new HashMap<>();
        for (ExpiredLease expired : store.leases().listExpired(query)) {
            rescues.add(judge(expired, witnesses));
        }
        return List.copyOf(rescues);
    }

    /** The Jobs and pods of this instance in one namespace. */
    private record Witness(List<JobView> jobs, List<PodView> pods) {}

    private Rescue judge(ExpiredLease expired, Map<String, Witness> witnesses) {
        String runId = expired.fence().runId();
        try {
            Map<String, String> labels = names.runLabels(runId);
            for (String place : places(runId)) {
                Witness witness = witnesses.computeIfAbsent(place, this::ask);
                for (JobView job : witness.jobs()) {
                    if (job.meta().hasLabels(labels) && !job.finished()) {
                        return stop(expired, job);
                    }
                }
                for (PodView pod : witness.pods()) {
                    if (pod.meta().hasLabels(labels) && mayRun(pod)) {
                        return new Rescue(
                                runId,
                                Outcome.WAITING_FOR_POD,
                                null,
                                "pod " + pod.meta().ref());
                    }
                }
            }
            return recover(expired);
        } catch (AgentRunException e) {
            return new Rescue(runId, Outcome.FAILED, null, e.getMessage());
        }
    }

    private Set<String> places(String runId) {
        Set<String> places = new TreeSet<>(Set.of(namespace));
        for (RunnerJob job : store.runners().listJobs(runId)) {
            places.add(job.placement().namespace());
        }
        return places;
    }

    private Witness ask(String place) {
        ListQuery query = ListQuery.in(place).withLabels(names.labels());
        // Jobs first: a pod that appears in between belongs to a Job that is in the list.
        return new Witness(query.all(kubectl::listJobs), query.all(kubectl::listPods));
    }

    private Rescue stop(ExpiredLease expired, JobView job) {
        String runId = expired.fence().runId();
        if (alive(expired)) {
            return new Rescue(runId, Outcome.NOT_NEEDED, null, null);
        }
        try {
            kubectl.deleteJob(job.meta().ref(), job.meta().uid());
        } catch (KubectlException e) {
            if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
                throw e;
            }
        }
        return new Rescue(runId, Outcome.STOPPED_JOB, null, "Job " + job.meta().ref());
    }

    /** Whether the lease was extended, or another one begun, since it was listed: its Job is not to be touched then. */
    private boolean alive(ExpiredLease expired) {
        Run now = store.runs().get(expired.fence().runId());
        return now.epoch() != expired.fence().epoch()
                || now.lease().isEmpty()
                || now.lease().get().expiresAt().isAfter(expired.expiredAt());
    }

    private boolean mayRun(PodView pod) {
        if (pod.finished()) {
            return false;
        }
        Instant deletedAt = pod.meta().deletedAt();
        return deletedAt == null || deletedAt.isAfter(clock.instant().minus(DEAD_POD_AFTER));
    }

    private Rescue recover(ExpiredLease expired) {
        String runId = expired.fence().runId();
        Recovery recovery = store.leases().recover(runId, expired.fence().epoch());
        Outcome outcome = recovery.outcome() == RecoveryOutcome.NOT_NEEDED ? Outcome.NOT_NEEDED : Outcome.RECOVERED;
        return new Rescue(runId, outcome, recovery.outcome(), null);
    }
}
