package io.agentrun.k8s.kubectl.memory;

import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.JobView.Failure;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The controllers of the cluster and its node, which work between two calls: a Job gets a pod, the deadlines of both and the
 * Job's time to live are kept, the pods of a Job that is gone are deleted, a claim is bound, and a deleted one goes when no pod with a node
 * mounts it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Controllers {

    static final Failure BACKOFF = new Failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");

    private final ClusterState state;

    Controllers(ClusterState state) {
        this.state = state;
    }

    /** Does what they would have done by now. */
    void work() {
        List.copyOf(state.pods.values()).forEach(this::runnerDeadline);
        List.copyOf(state.jobs.values()).forEach(this::deadline);
        List.copyOf(state.jobs.values()).forEach(this::timeToLive);
        List.copyOf(state.pods.values()).forEach(this::collect);
        if (!state.slowDeletions) {
            List.copyOf(state.pods.values()).stream()
                    .filter(pod -> pod.meta().terminating())
                    .forEach(pod -> state.removePod(pod.meta().ref()));
        }
        List.copyOf(state.jobs.values()).forEach(this::job);
        List.copyOf(state.claims.values()).forEach(this::claim);
    }

    /** Ends the containers of a pod that takes longer than it may, as its node does: the pod and its log stay. */
    private void runnerDeadline(PodView pod) {
        JobManifest manifest = pod.ownerUid() == null ? null : state.manifests.get(pod.ownerUid());
        long seconds = manifest == null ? -1 : ClusterState.podSetting(manifest, "activeDeadlineSeconds");
        boolean runs =
                pod.state().node() != null && !pod.finished() && !pod.meta().terminating();
        boolean over =
                seconds >= 0 && !pod.meta().createdAt().plusSeconds(seconds).isAfter(state.now());
        if (runs && over && !state.slowDeletions) {
            state.end(pod, "Failed", Failure.DEADLINE_EXCEEDED, 143, "Error");
        }
    }

    private void deadline(JobView job) {
        Instant end = job.deadlineAt();
        if (end != null && !end.isAfter(state.now()) && !job.finished() && job.state() != JobView.State.ENDING) {
            exceedDeadline(job);
        }
    }

    /** Begins the failure of the Job: its pods are deleted, and what they wrote goes with them. */
    void exceedDeadline(JobView job) {
        state.podsOf(job).stream().filter(pod -> !pod.finished()).forEach(state::doom);
        state.job(
                job,
                JobView.State.ENDING,
                new Failure(Failure.DEADLINE_EXCEEDED, "Job was active longer than specified deadline"));
    }

    private void timeToLive(JobView job) {
        Instant finished = state.finishedAt.get(job.meta().uid());
        JobManifest manifest = state.manifests.get(job.meta().uid());
        long seconds = manifest == null ? -1 : ClusterState.setting(manifest, "ttlSecondsAfterFinished");
        if (finished != null && seconds >= 0 && !finished.plusSeconds(seconds).isAfter(state.now())) {
            state.removeJob(job);
        }
    }

    /** Deletes a pod whose Job is gone, as the garbage collector does. */
    private void collect(PodView pod) {
        String owner = pod.ownerUid();
        boolean known = owner != null && state.manifests.containsKey(owner);
        boolean there =
                state.jobs.values().stream().anyMatch(job -> job.meta().uid().equals(owner));
        if (known && !there) {
            state.doom(pod);
        }
    }

    private void job(JobView job) {
        switch (job.state()) {
            case PENDING -> begin(job);
            case ACTIVE -> follow(job);
            case ENDING -> end(job);
            case SUCCEEDED, FAILED -> {}
        }
    }

    private void begin(JobView job) {
        String refusal = state.podRefusal;
        if (refusal != null) {
            if (!state.events.containsKey(job.meta().uid())) {
                state.event(
                        job.meta().uid(),
                        new EventView("Warning", "FailedCreate", "Error creating: " + refusal, state.now()));
            }
            return;
        }
        state.addPodOf(job);
        state.job(job, JobView.State.ACTIVE, null);
    }

    private void follow(JobView job) {
        List<PodView> pods = state.podsOf(job);
        if (pods.stream().anyMatch(pod -> pod.phase().equals("Succeeded"))) {
            state.job(job, JobView.State.ENDING, null);
        } else if (pods.isEmpty() || pods.stream().anyMatch(pod -> pod.phase().equals("Failed"))) {
            state.job(job, JobView.State.ENDING, BACKOFF);
        } else {
            // A pod that is on its way out is not active any more.
            boolean leaving = pods.stream().allMatch(pod -> pod.meta().terminating());
            state.job(job, leaving ? JobView.State.ENDING : JobView.State.ACTIVE, null);
        }
    }

    /** Its end is complete when no pod of it is left that has not ended. */
    private void end(JobView job) {
        boolean left = state.podsOf(job).stream().anyMatch(pod -> !pod.finished());
        Failure failure = job.failure();
        boolean succeeded = failure == null
                && state.podsOf(job).stream().anyMatch(pod -> pod.phase().equals("Succeeded"));
        if (left) {
            state.job(job, JobView.State.ENDING, failure);
        } else if (succeeded) {
            state.job(job, JobView.State.SUCCEEDED, null);
        } else {
            state.job(job, JobView.State.FAILED, failure == null ? BACKOFF : failure);
        }
    }

    private void claim(ClaimView claim) {
        boolean pinned = pinned(claim.meta().ref());
        if (claim.meta().terminating()) {
            if (!pinned && !state.slowDeletions) {
                state.claims.remove(claim.meta().ref());
            }
        } else if (claim.phase().equals("Pending") && (pinned || !state.waitsForConsumer)) {
            state.claim(claim, "Bound", claim.size(), claim.size());
        } else if (claim.phase().equals("Bound") && !Objects.equals(claim.size(), claim.capacity())) {
            state.claim(claim, "Bound", claim.size(), claim.size());
        }
    }

    private boolean pinned(ObjectRef claim) {
        return state.pods.values().stream()
                .anyMatch(pod -> pod.pinsClaims()
                        && pod.meta().ref().namespace().equals(claim.namespace())
                        && pod.claims().contains(claim.name()));
    }
}
