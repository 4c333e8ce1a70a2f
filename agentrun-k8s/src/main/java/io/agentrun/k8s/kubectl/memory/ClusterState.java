package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ContainerView;
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

    private static final long DEFAULT_GRACE = 30;

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
    boolean claimsGrow = true;
    boolean nodeTakesPods = true;

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
    private ObjectMeta doomed(ObjectMeta meta, long graceSeconds) {
        if (meta.terminating()) {
            return meta;
        }
        return new ObjectMeta(
                meta.ref(),
                meta.uid(),
                nextVersion(),
                meta.createdAt(),
                now().plusSeconds(graceSeconds),
                meta.labels(),
                meta.annotations());
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
        return number(JobValidation.child(manifest.body(), "spec"), key);
    }

    /** Returns a number of the specification of the Job's pods, -1 when it is not given. */
    static long podSetting(JobManifest manifest, String key) {
        return number(JobValidation.pod(manifest.body()), key);
    }

    private static long number(JsonObject json, String key) {
        return json.number(key).map(Number::longValue).orElse(-1L);
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
        addPod(ref, labels, JobValidation.claims(manifest), job.meta().uid(), nodeTakesPods ? NODE : null);
    }

    void addPod(
            ObjectRef ref,
            Map<String, String> labels,
            Set<String> mounted,
            @Nullable String ownerUid,
            @Nullable String node) {
        pods.put(ref, new PodView(newMeta(ref, labels, Map.of()), PodState.of("Pending", node), mounted, ownerUid));
    }

    void pod(PodView pod, PodState now) {
        pods.put(pod.meta().ref(), new PodView(touched(pod.meta()), now, pod.claims(), pod.ownerUid()));
    }

    /** Ends all containers of the pod, which gives this reason for itself as a whole, or null for none. */
    void end(PodView pod, String phase, @Nullable String podReason, int exitCode, String reason) {
        List<ContainerView> ended = containersOf(pod).stream()
                .map(name -> new ContainerView(name, ContainerView.State.TERMINATED, reason, null, exitCode))
                .toList();
        pod(pod, new PodState(phase, NODE, podReason, pod.state().conditions(), ended));
    }

    /** Marks the pod as deleted: its deletion time is the end of its grace, which a pod without a node does not have. */
    void doom(PodView pod) {
        JobManifest manifest = pod.ownerUid() == null ? null : manifests.get(pod.ownerUid());
        long given = manifest == null ? -1 : podSetting(manifest, "terminationGracePeriodSeconds");
        long grace = pod.state().node() == null ? 0 : given < 0 ? DEFAULT_GRACE : given;
        pods.put(pod.meta().ref(), new PodView(doomed(pod.meta(), grace), pod.state(), pod.claims(), pod.ownerUid()));
    }

    void doom(ClaimView claim) {
        claims.put(
                claim.meta().ref(),
                new ClaimView(
                        doomed(claim.meta(), 0),
                        claim.phase(),
                        claim.size(),
                        claim.capacity(),
                        claim.storageClass(),
                        claim.accessModes()));
    }

    ClaimView claim(ClaimView claim, String phase, @Nullable String size, @Nullable String capacity) {
        ClaimView changed =
                new ClaimView(touched(claim.meta()), phase, size, capacity, claim.storageClass(), claim.accessModes());
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
