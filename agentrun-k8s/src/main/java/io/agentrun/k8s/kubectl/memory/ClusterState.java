package io.agentrun.k8s.kubectl.memory;

import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is in the cluster, and what its controllers make of it: a claim goes when it is deleted and no pod names it, a
 * Job gets a pod, a pod binds its claims.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ClusterState {

    private static final Comparator<ObjectRef> BY_NAME =
            Comparator.comparing(ObjectRef::namespace).thenComparing(ObjectRef::name);

    final Map<String, NamespaceView> namespaces = new TreeMap<>();
    final Map<String, Integer> quotas = new HashMap<>();
    final Map<ObjectRef, ClaimView> claims = new TreeMap<>(BY_NAME);
    final Map<ObjectRef, PodView> pods = new TreeMap<>(BY_NAME);
    final Map<ObjectRef, JobView> jobs = new TreeMap<>(BY_NAME);
    final Map<ObjectRef, String> logs = new HashMap<>();
    final Clock clock;
    boolean slowDeletions;
    boolean waitsForConsumer = true;

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

    /** The same object with a deletion time; the first one stays. */
    ObjectMeta doomed(ObjectMeta meta) {
        if (meta.terminating()) {
            return meta;
        }
        return new ObjectMeta(
                meta.ref(), meta.uid(), nextVersion(), meta.createdAt(), now(), meta.labels(), meta.annotations());
    }

    void addJob(JobManifest manifest, JobView job) {
        jobs.put(manifest.ref(), new JobView(job.meta(), JobView.State.ACTIVE, null, 1));
        Map<String, String> labels = new HashMap<>(manifest.labels());
        String name = manifest.ref().name();
        // A label's value is shorter than a Job's name may be; the cluster cuts it in the same way.
        labels.put("job-name", name.substring(0, Math.min(63, name.length())));
        ObjectRef ref = new ObjectRef(
                manifest.ref().namespace(), name.substring(0, Math.min(240, name.length())) + "-" + suffix());
        Set<String> mounted = manifest.claim() == null ? Set.of() : Set.of(manifest.claim());
        addPod(ref, labels, mounted, job.meta().uid());
    }

    private String suffix() {
        return UUID.randomUUID().toString().substring(0, 5);
    }

    void addPod(ObjectRef ref, Map<String, String> labels, Set<String> mounted, @Nullable String ownerUid) {
        pods.put(ref, new PodView(newMeta(ref, labels, Map.of()), "Pending", mounted, ownerUid));
        settle();
    }

    void podPhase(PodView pod, String phase) {
        pods.put(pod.meta().ref(), new PodView(pod.meta(), phase, pod.claims(), pod.ownerUid()));
        settle();
    }

    void jobState(JobView job, JobView.State state, @Nullable String reason) {
        jobs.put(job.meta().ref(), new JobView(job.meta(), state, reason, state == JobView.State.ACTIVE ? 1 : 0));
    }

    List<PodView> podsOf(JobView job) {
        return pods.values().stream()
                .filter(pod -> job.meta().uid().equals(pod.ownerUid()))
                .toList();
    }

    /** The Job goes at once, its pods as fast as deletions are. */
    void removeJob(JobView job) {
        jobs.remove(job.meta().ref());
        for (PodView pod : podsOf(job)) {
            ObjectRef ref = pod.meta().ref();
            pods.put(ref, new PodView(doomed(pod.meta()), pod.phase(), pod.claims(), pod.ownerUid()));
        }
        settle();
    }

    /** Does what the controllers would do by now. */
    void settle() {
        if (!slowDeletions) {
            pods.values().removeIf(pod -> pod.meta().terminating());
        }
        if (!slowDeletions) {
            claims.values().removeIf(claim -> claim.meta().terminating() && !used(claim));
        }
        claims.replaceAll((ref, claim) -> binds(claim) ? phase(claim, "Bound") : claim);
    }

    private boolean binds(ClaimView claim) {
        return claim.phase().equals("Pending") && !claim.meta().terminating() && (!waitsForConsumer || used(claim));
    }

    private ClaimView phase(ClaimView claim, String phase) {
        return new ClaimView(claim.meta(), phase, claim.size(), claim.storageClass(), claim.accessModes());
    }

    private boolean used(ClaimView claim) {
        ObjectRef ref = claim.meta().ref();
        return pods.values().stream()
                .anyMatch(pod -> pod.meta().ref().namespace().equals(ref.namespace())
                        && pod.claims().contains(ref.name()));
    }
}
