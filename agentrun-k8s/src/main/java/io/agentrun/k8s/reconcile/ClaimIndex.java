package io.agentrun.k8s.reconcile;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.object.SkippedObject;
import io.agentrun.storage.PvcRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The claims that agentrun made in some namespaces, and the pods beside them, as they were when each namespace was read.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ClaimIndex {

    private final KubectlHandler kubectl;
    private final Map<String, String> namespaces = new LinkedHashMap<>();
    private final Map<ObjectRef, ClaimView> claims = new LinkedHashMap<>();
    private final Map<ObjectRef, List<PodView>> users = new LinkedHashMap<>();
    private final Map<String, List<ClaimView>> bySession = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final Set<ObjectRef> unread = new HashSet<>();

    ClaimIndex(KubectlHandler kubectl) {
        this.kubectl = kubectl;
    }

    /** Reads a namespace: claims first, so that every one of them is older than the rows that are read afterwards. */
    void read(NamespaceView seen) {
        String namespace = seen.name();
        namespaces.put(namespace, seen.uid());
        ListQuery made = ListQuery.in(namespace).withLabels(Map.of(InstanceNames.MANAGED_BY, InstanceNames.AGENTRUN));
        for (ClaimView claim : noted("claim", namespace, made.all(kubectl::listClaims))) {
            claims.put(claim.meta().ref(), claim);
            String session = claim.meta().labels().getOrDefault(InstanceNames.SESSION, "");
            bySession.computeIfAbsent(session, key -> new ArrayList<>()).add(claim);
        }
        // Somebody else's pods are not read: Kubernetes keeps a claim that one of them mounts.
        for (PodView pod : noted("pod", namespace, made.all(kubectl::listPods))) {
            for (String claim : pod.pinsClaims() ? pod.claims() : Set.<String>of()) {
                users.computeIfAbsent(new ObjectRef(namespace, claim), key -> new ArrayList<>())
                        .add(pod);
            }
        }
    }

    private <T> List<T> noted(String kind, String namespace, ObjectPage<T> all) {
        for (SkippedObject object : all.skipped()) {
            skipped.add(kind + " " + namespace + "/" + object);
            if (object.name() != null) {
                unread.add(new ObjectRef(namespace, object.name()));
            }
        }
        return all.items();
    }

    /** Returns whether an object of this name is there and could not be read: nothing is said of it. */
    boolean unread(ObjectRef ref) {
        return unread.contains(ref);
    }

    /** Returns what could not be read, for people. */
    List<String> skipped() {
        return List.copyOf(skipped);
    }

    /** Returns whether the namespace that was read is the claim's, as far as its uid is remembered. */
    boolean holds(PvcRef pvc) {
        String uid = pvc.namespaceUid();
        return uid == null || uid.equals(namespaces.get(pvc.namespace()));
    }

    Optional<ClaimView> claim(ObjectRef ref) {
        return Optional.ofNullable(claims.get(ref));
    }

    List<PodView> podsOn(ObjectRef claim) {
        return users.getOrDefault(claim, List.of());
    }

    /** Returns the claims that carry the session's hash; each is handed out once. */
    List<ClaimView> takeOf(String sessionHash) {
        List<ClaimView> found = bySession.remove(sessionHash);
        return found == null ? List.of() : found;
    }

    /** Returns the claims that were not handed out. */
    List<ClaimView> rest() {
        return bySession.values().stream().flatMap(List::stream).toList();
    }
}
