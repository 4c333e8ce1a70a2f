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
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.object.SkippedObject;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Gives the runs of lost runners to others, or ends them, after the cluster was asked as a second witness: a Job that
 * still runs is stopped first, and while a pod of the run may still write on the session's volume, the run is given to
 * nobody.
 *
 * <p>It takes the place of {@link io.agentrun.LeaseStore#recoverExpired} where runners are Jobs. A run without any
 * Job in the cluster is recovered at once. A run that was launched while it was pending, and whose Job ended or vanished
 * before its runner had claimed it, has no lease that could run out: a minute after that was seen first it ends, as
 * {@code unclaimed} if it was surely never begun, as {@code infra-failed} otherwise, so that its task is tried again and the session
 * goes on.
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
    private final Turns turns = new Turns();
    private final StoppedJobs stopped = new StoppedJobs();
    private final UnclaimedRuns unclaimed;

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
        this.unclaimed = new UnclaimedRuns(store, kubectl, names, clock);
    }

    /**
     * Leases that have run out, as far as the query goes, were examined; the answer has one item for each. A second call goes
     * on where the first one had to wait. Those that could not be given away yet stand behind all others at the next call,
     * so that every one has its turn, however small the limit is. Without expired leases the cluster is not asked; otherwise
     * each namespace is asked for its Jobs and pods once.
     *
     * <p>Besides, as many pending runs as the query's limit are looked at, at each call the next ones: those whose Job ended
     * before the claim are in the answer too, once they are ended. The cluster is asked only where such a run was launched,
     * one call for all of a namespace.
     */
    public List<Rescue> rescue(ExpiredQuery query) {
        List<Rescue> rescues = new ArrayList<>();
        Map<String, Witness> witnesses = new HashMap<>();
        List<ExpiredLease> all = store.leases().listExpired(query.withLimit(turns.reach(query.limit())));
        List<Run> pending = unclaimed.next(query);
        for (ExpiredLease expired : turns.next(all, query.limit())) {
            Rescue rescue = examine(expired, witnesses);
            rescues.add(rescue);
            if (rescue.outcome().settled()) {
                turns.settled(rescue.runId());
            }
        }
        rescues.addAll(unclaimed.end(pending));
        return List.copyOf(rescues);
    }

    /** The Jobs and pods of this instance in one namespace. */
    private record Witness(ObjectPage<JobView> jobs, ObjectPage<PodView> pods) {}

    private Rescue examine(ExpiredLease expired, Map<String, Witness> witnesses) {
        String runId = expired.runId();
        try {
            Map<String, String> labels = names.runLabels(runId);
            List<RunnerJob> records = store.runners().listJobs(runId);
            for (String searched : namespaces(records)) {
                Witness witness = witnesses.computeIfAbsent(searched, this::ask);
                List<JobView> jobs = witness.jobs().items().stream()
                        .filter(job -> job.meta().hasLabels(labels))
                        .toList();
                for (JobView job : jobs) {
                    if (!job.finished()) {
                        return stop(expired, job);
                    }
                }
                Optional<String> pod = podInTheWay(witness, runId, labels, jobs, records);
                if (pod.isPresent()) {
                    return new Rescue(runId, Outcome.WAITING_FOR_POD, null, pod.get());
                }
            }
            return recover(expired);
        } catch (AgentRunException e) {
            return new Rescue(runId, Outcome.FAILED, null, e.getMessage());
        }
    }

    /**
     * Returns the pod of the run that may still write. Whoever may create pods may give one the labels of a run: it counts
     * only if a Job of the run owns it, or if its owner is not known any more and it is on its way out, which ends.
     */
    private Optional<String> podInTheWay(
            Witness witness, String runId, Map<String, String> labels, List<JobView> jobs, List<RunnerJob> records) {
        Set<String> uids = new HashSet<>(stopped.uidsOf(runId));
        jobs.forEach(job -> uids.add(job.meta().uid()));
        records.forEach(record -> record.result().string(RunnerJobLauncher.UID).ifPresent(uids::add));
        for (PodView pod : witness.pods().items()) {
            String owner = pod.ownerUid();
            boolean ours = owner != null && (uids.contains(owner) || pod.meta().terminating());
            if (ours && pod.meta().hasLabels(labels) && mayRun(pod)) {
                return Optional.of("pod " + pod.meta().ref());
            }
        }
        for (SkippedObject skipped : witness.pods().skipped()) {
            String name = skipped.name();
            boolean ours = name != null
                    && records.stream()
                            .anyMatch(
                                    record -> name.startsWith(record.placement().jobName() + "-"));
            if (ours) {
                return Optional.of("pod " + skipped);
            }
        }
        return Optional.empty();
    }

    private Set<String> namespaces(List<RunnerJob> records) {
        Set<String> namespaces = new TreeSet<>(Set.of(namespace));
        records.forEach(record -> namespaces.add(record.placement().namespace()));
        return namespaces;
    }

    private Witness ask(String searched) {
        ListQuery query = ListQuery.in(searched).withLabels(names.labels());
        // Jobs first: a pod that appears in between belongs to a Job that is in the list.
        return new Witness(query.all(kubectl::listJobs), query.all(kubectl::listPods));
    }

    private Rescue stop(ExpiredLease expired, JobView job) {
        String runId = expired.runId();
        if (alive(expired)) {
            return new Rescue(runId, Outcome.NOT_NEEDED, null, null);
        }
        stopped.add(runId, job.meta().uid());
        try {
            kubectl.deleteJob(job.meta().ref(), job.meta().uid());
        } catch (KubectlException e) {
            if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
                throw e;
            }
        }
        return new Rescue(runId, Outcome.STOPPED_JOB, null, "Job " + job.meta().ref());
    }

    /**
     * Returns whether the lease was extended, or another one begun, since it was listed: its Job is not to be touched then.
     */
    private boolean alive(ExpiredLease expired) {
        Run now = store.runs().get(expired.runId());
        return now.epoch() != expired.epoch()
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
        String runId = expired.runId();
        Recovery recovery = store.leases().recover(runId, expired.epoch());
        Outcome outcome = recovery.outcome() == RecoveryOutcome.NOT_NEEDED ? Outcome.NOT_NEEDED : Outcome.RECOVERED;
        return new Rescue(runId, outcome, recovery.outcome(), null);
    }

    /**
     * In which order expired leases are examined: first come, first served, and what could not be settled goes to the end, so
     * that a few that have to wait for long never keep the others from their turn.
     *
     * <p>Thread-safe.
     */
    private static final class Turns {

        private static final int MAX_QUEUE = 10_000;

        private final Object lock = new Object();
        private final LinkedHashSet<String> queue = new LinkedHashSet<>();

        /** Returns how many leases must be listed so that those behind the ones that are examined now are seen too. */
        int reach(int limit) {
            synchronized (lock) {
                return (int) Math.min(2L * limit + queue.size(), Integer.MAX_VALUE);
            }
        }

        /** Returns the next ones, at most so many, and puts them at the end of the queue. */
        List<ExpiredLease> next(List<ExpiredLease> all, int limit) {
            Map<String, ExpiredLease> byRun = new HashMap<>();
            synchronized (lock) {
                for (ExpiredLease expired : all) {
                    byRun.put(expired.runId(), expired);
                    if (queue.size() < MAX_QUEUE) {
                        queue.add(expired.runId());
                    }
                }
                // What is not listed any more has been settled by others.
                queue.retainAll(byRun.keySet());
                List<ExpiredLease> next = new ArrayList<>();
                for (String runId : List.copyOf(queue)) {
                    ExpiredLease expired = byRun.get(runId);
                    if (next.size() < limit && expired != null) {
                        next.add(expired);
                        queue.remove(runId);
                        queue.add(runId);
                    }
                }
                return next;
            }
        }

        /** Notes that the run needs no turn any more. */
        void settled(String runId) {
            synchronized (lock) {
                queue.remove(runId);
            }
        }
    }

    /**
     * The Jobs that were stopped by this process: their pods are known by their owner after the Jobs are gone.
     *
     * <p>Thread-safe.
     */
    private static final class StoppedJobs {

        private static final int MAX = 10_000;

        private final Object lock = new Object();
        private final Map<String, String> runsByUid = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > MAX;
            }
        };

        void add(String runId, String uid) {
            synchronized (lock) {
                runsByUid.put(uid, runId);
            }
        }

        Set<String> uidsOf(String runId) {
            synchronized (lock) {
                return runsByUid.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(runId))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet());
            }
        }
    }
}
