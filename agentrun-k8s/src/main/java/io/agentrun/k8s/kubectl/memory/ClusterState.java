package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.k8s.object.PodView;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is in the cluster, and the changes that its parts make to it. What they make of it by themselves is in
 * {@link Controllers}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ClusterState {

    static final String NODE = "node-1";

    private static final Comparator<ObjectRef> BY_NAME =
            Comparator.comparing(ObjectRef::namespace).thenComparing(ObjectRef::name);

    final Map<String, NamespaceView> namespaces = new TreeMap<>();
    final Map<String, Integer> quotas = new HashMap<>();
    final Map<ObjectRef, ClaimView> claims = new TreeMap<>(BY_NAME);
    final Map<ObjectRef, PodView> pods = new TreeMap<>(BY_NAME);
    final Map<ObjectRef, JobView> jobs = new TreeMap<>(BY_NAME);
    final Map<String, JobManifest> manifests = new HashMap<>();
    final Map<String, Instant> finishedAt = new HashMap<>();
    final Map<String, List<EventView>> events = new HashMap<>();
    final Set<ObjectRef> oversized = new HashSet<>();
    final Clock clock;
    boolean slowDeletions;
    boolean waitsForConsumer = true;

    @Nullable
    String podRefusal;

    private final Map<ObjectRef, Map<String, PodLog>> logs = new HashMap<>();
    private long version;

    ClusterState(Clock clock) {
        this.clock = clock;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    String newUid() {
        return UUID.randomUUID().toString();
    }

    ObjectMeta newMeta(ObjectRef ref, Map<String, String> labels, Map<String, String> annotations) {
        return new ObjectMeta(ref, newUid(), nextVersion(), now(), null, labels, annotations);
    }

    String nextVersion() {
        return Long.toString(++version);
    }

    /** Returns the same object with a deletion time; the first one stays. */
    ObjectMeta doomed(ObjectMeta meta) {
        if (meta.terminating()) {
            return meta;
        }
        return new ObjectMeta(
                meta.ref(), meta.uid(), nextVersion(), meta.createdAt(), now(), meta.labels(), meta.annotations());
    }

    JobView addJob(JobManifest manifest) {
        ObjectMeta meta = newMeta(manifest.ref(), manifest.labels(), Map.of());
        long deadline = setting(manifest, "activeDeadlineSeconds");
        Instant endsAt = deadline < 0 ? null : meta.createdAt().plusSeconds(deadline);
        JobView job = new JobView(meta, JobView.State.PENDING, null, 0, 0, endsAt);
        jobs.put(manifest.ref(), job);
        manifests.put(meta.uid(), manifest);
        return job;
    }

    /** Returns a number of the Job's specification, -1 when it is not given. */
    static long setting(JobManifest manifest, String key) {
        return JobValidation.child(manifest.body(), "spec")
                .number(key)
                .map(Number::longValue)
                .orElse(-1L);
    }

    /** Adds a pod of the Job, as its controller makes it. */
    void addPodOf(JobView job) {
        JobManifest manifest =
                Require.given("manifest", manifests.get(job.meta().uid()));
        Map<String, String> labels = new HashMap<>(manifest.labels());
        String name = manifest.ref().name();
        // A label's value is shorter than a Job's name may be; the cluster cuts it in the same way.
        String label = name.substring(0, Math.min(63, name.length()));
        labels.put("job-name", label);
        labels.put("batch.kubernetes.io/job-name", label);
        labels.put("batch.kubernetes.io/controller-uid", job.meta().uid());
        ObjectRef ref = new ObjectRef(
                manifest.ref().namespace(),
                name.substring(0, Math.min(240, name.length())) + "-"
                        + UUID.randomUUID().toString().substring(0, 5));
        Set<String> mounted = manifest.claim() == null ? Set.of() : Set.of(manifest.claim());
        addPod(ref, labels, mounted, job.meta().uid());
    }

    void addPod(ObjectRef ref, Map<String, String> labels, Set<String> mounted, @Nullable String ownerUid) {
        pods.put(ref, new PodView(newMeta(ref, labels, Map.of()), PodState.of("Pending", NODE), mounted, ownerUid));
    }

    void pod(PodView pod, PodState now) {
        pods.put(pod.meta().ref(), new PodView(touched(pod.meta()), now, pod.claims(), pod.ownerUid()));
    }

    void doom(PodView pod) {
        pods.put(pod.meta().ref(), new PodView(doomed(pod.meta()), pod.state(), pod.claims(), pod.ownerUid()));
    }

    void doom(ClaimView claim) {
        claims.put(
                claim.meta().ref(),
                new ClaimView(
                        doomed(claim.meta()), claim.phase(), claim.size(), claim.storageClass(), claim.accessModes()));
    }

    ClaimView claim(ClaimView claim, String phase, @Nullable String size) {
        ClaimView changed =
                new ClaimView(touched(claim.meta()), phase, size, claim.storageClass(), claim.accessModes());
        claims.put(claim.meta().ref(), changed);
        return changed;
    }

    void job(JobView job, JobView.State state, JobView.@Nullable Failure failure) {
        List<PodView> own = podsOf(job);
        int ending = (int) own.stream()
                .filter(pod -> pod.meta().terminating() && !pod.finished())
                .count();
        int active = (int) own.stream()
                .filter(pod -> !pod.meta().terminating() && !pod.finished())
                .count();
        if (state.finished()) {
            finishedAt.putIfAbsent(job.meta().uid(), now());
        }
        int shown = state.finished() ? 0 : active;
        JobView same = new JobView(job.meta(), state, failure, shown, ending, job.deadlineAt());
        if (!same.equals(jobs.get(job.meta().ref()))) {
            jobs.put(
                    job.meta().ref(),
                    new JobView(touched(job.meta()), state, failure, shown, ending, job.deadlineAt()));
        }
    }

    private ObjectMeta touched(ObjectMeta meta) {
        return new ObjectMeta(
                meta.ref(),
                meta.uid(),
                nextVersion(),
                meta.createdAt(),
                meta.deletedAt(),
                meta.labels(),
                meta.annotations());
    }

    List<PodView> podsOf(JobView job) {
        return pods.values().stream()
                .filter(pod -> job.meta().uid().equals(pod.ownerUid()))
                .toList();
    }

    /** Removes the Job at once; the garbage collector finds its pods later. */
    void removeJob(JobView job) {
        jobs.remove(job.meta().ref());
        events.remove(job.meta().uid());
    }

    void removePod(ObjectRef ref) {
        pods.remove(ref);
        logs.remove(ref);
    }

    void event(String uid, EventView event) {
        events.computeIfAbsent(uid, key -> new ArrayList<>()).add(event);
    }

    PodLog log(ObjectRef pod, String container) {
        return logs.computeIfAbsent(pod, key -> new HashMap<>()).computeIfAbsent(container, key -> new PodLog());
    }

    /** Returns the containers of a pod: those of its Job's manifest, or one called {@code runner}. */
    List<String> containersOf(PodView pod) {
        JobManifest manifest = pod.ownerUid() == null ? null : manifests.get(pod.ownerUid());
        return manifest == null ? List.of("runner") : JobValidation.containers(manifest);
    }
}
