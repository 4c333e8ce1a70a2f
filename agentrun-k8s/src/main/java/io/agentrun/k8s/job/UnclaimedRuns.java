package io.agentrun.k8s.job;

import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.job.Rescue.Outcome;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.Page;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ends pending runs whose Job ended, or vanished, before its runner had claimed them: no lease of theirs ever runs out, and
 * only the time of their dispatch, if it gave one, would end them. It waits a minute first: the host may launch another attempt
 * meanwhile. A run that was surely never begun ends as unclaimed, at no cost for its task; any other one has failed.
 *
 * <p>Thread-safe.
 */
final class UnclaimedRuns {

    static final Duration WAITS = Duration.ofMinutes(1);

    private static final int MAX_KNOWN = 10_000;

    private final Object lock = new Object();
    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final InstanceNames names;
    private final Clock clock;
    private @Nullable RunQuery next;

    /** Since when a run, in its generation, is known to have no Job that could claim it. */
    private final Map<String, Instant> abandoned = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MAX_KNOWN;
        }
    };

    UnclaimedRuns(AgentRunStore store, KubectlHandler kubectl, InstanceNames names, Clock clock) {
        this.store = store;
        this.kubectl = kubectl;
        this.names = names;
        this.clock = clock;
    }

    /** Returns one page of the pending runs of the query's scope, the page after that of the last call. */
    List<Run> next(ExpiredQuery query) {
        RunQuery first =
                RunQuery.in(query.scope()).withStatus(RunStatus.PENDING).withLimit(query.limit());
        Page<Run> page = store.runs().list(from(first));
        String cursor = page.nextCursor();
        synchronized (lock) {
            next = cursor == null ? null : first.withCursor(cursor);
        }
        return page.items();
    }

    /** A pending run and the Jobs that were launched for it as it is now. */
    private record Launched(Run run, List<RunnerJob> jobs) {}

    /**
     * Ends those of the pending runs that nobody will claim. A namespace in which one of them was launched is asked for its
     * Jobs once, after the store was asked for what was launched: a Job is created before it is remembered.
     */
    List<Rescue> end(List<Run> pending) {
        List<Rescue> rescues = new ArrayList<>();
        List<Launched> launched = new ArrayList<>();
        for (Run run : pending) {
            try {
                List<RunnerJob> jobs = jobsOf(run);
                if (!jobs.isEmpty()) {
                    launched.add(new Launched(run, jobs));
                }
            } catch (AgentRunException e) {
                rescues.add(new Rescue(run.id(), Outcome.FAILED, null, e.getMessage()));
            }
        }
        Map<String, ObjectPage<JobView>> jobs = new HashMap<>();
        launched.forEach(each -> examine(each.run(), each.jobs(), jobs).ifPresent(rescues::add));
        return rescues;
    }

    private RunQuery from(RunQuery first) {
        synchronized (lock) {
            RunQuery known = next;
            // A cursor belongs to its query.
            return known != null && known.withCursor(null).equals(first) ? known : first;
        }
    }

    /** Returns the Jobs that were launched for the run as it is now: their names end with the generation. */
    private List<RunnerJob> jobsOf(Run run) {
        String suffix = "-g" + run.claim().generation();
        return store.runners().listJobs(run.id()).stream()
                .filter(job -> job.placement().jobName().endsWith(suffix))
                .toList();
    }

    private Optional<Rescue> examine(Run run, List<RunnerJob> own, Map<String, ObjectPage<JobView>> jobs) {
        String key = run.id() + "/" + run.claim().generation();
        try {
            for (RunnerJob job : own) {
                ObjectPage<JobView> there = jobs.computeIfAbsent(job.placement().namespace(), this::list);
                if (mayClaim(job, there)) {
                    settled(key);
                    return Optional.empty();
                }
            }
            return due(key) ? end(run, own.get(own.size() - 1), key) : Optional.empty();
        } catch (AgentRunException e) {
            return Optional.of(new Rescue(run.id(), Outcome.FAILED, null, e.getMessage()));
        }
    }

    private ObjectPage<JobView> list(String namespace) {
        return ListQuery.in(namespace).withLabels(names.labels()).all(kubectl::listJobs);
    }

    /** Returns whether the Job is there and has not ended, or may be among those that could not be read. */
    private static boolean mayClaim(RunnerJob job, ObjectPage<JobView> there) {
        String name = job.placement().jobName();
        boolean unread =
                there.skipped().stream().anyMatch(skipped -> skipped.name() == null || name.equals(skipped.name()));
        return unread
                || there.items().stream()
                        .anyMatch(view -> view.meta().ref().name().equals(name)
                                && !view.finished()
                                && view.failure() == null
                                && !view.meta().terminating());
    }

    private boolean due(String key) {
        Instant now = clock.instant();
        synchronized (lock) {
            Instant since = abandoned.putIfAbsent(key, now);
            return since != null && !since.plus(WAITS).isAfter(now);
        }
    }

    private void settled(String key) {
        synchronized (lock) {
            abandoned.remove(key);
        }
    }

    private Optional<Rescue> end(Run run, RunnerJob job, String key) {
        String words = "the Job " + job.placement().jobName() + " ended before its runner had claimed the run";
        boolean neverBegun = run.epoch() == 0 || run.claimLimit() != null;
        io.agentrun.model.Outcome outcome = neverBegun
                ? io.agentrun.model.Outcome.unclaimed(words)
                : io.agentrun.model.Outcome.failed(FailureKind.INFRA_FAILED, words);
        try {
            Run now = store.runs().get(run.id());
            if (now.status() != RunStatus.PENDING || now.epoch() != run.epoch()) {
                // Claimed meanwhile, and perhaps parked already, which is no end of its wait.
                return Optional.empty();
            }
            store.runs().finishUnclaimed(run.id(), outcome);
        } catch (LeaseConflictException | StateConflictException | NotFoundException e) {
            // Claimed, begun, or purged, meanwhile.
            return Optional.empty();
        } finally {
            settled(key);
        }
        return Optional.of(new Rescue(
                run.id(), Outcome.RECOVERED, neverBegun ? RecoveryOutcome.UNCLAIMED : RecoveryOutcome.FAILED, words));
    }
}
