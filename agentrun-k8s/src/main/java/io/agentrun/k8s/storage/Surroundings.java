package io.agentrun.k8s.storage;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.storage.PvcRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands around the claims of a namespace: the namespace itself, the instance's Jobs and pods. Each is asked once
 * and remembered for the one sweep or deletion that this object is made for.
 *
 * <p>Other people's pods are not asked for: a namespace may hold thousands, and while one of them mounts a claim,
 * Kubernetes itself keeps the claim from going.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Surroundings {

    private final KubectlHandler kubectl;
    private final InstanceNames names;
    private final Namespaces namespaces;
    private final Map<String, List<JobView>> jobs = new HashMap<>();
    private final Map<String, List<PodView>> pods = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    Surroundings(KubectlHandler kubectl, InstanceNames names, Namespaces namespaces) {
        this.kubectl = kubectl;
        this.names = names;
        this.namespaces = namespaces;
    }

    /**
     * Checks that the claim's namespace is there now and is the one that is meant.
     *
     * @throws KubectlException when it is not, or the cluster cannot be asked
     */
    void requireNamespace(PvcRef pvc) {
        requireSame(look(pvc.namespace()), pvc);
    }

    /** Returns the namespace as it is now; see {@link Namespaces#look}. */
    NamespaceView look(String namespace) {
        return namespaces.look(namespace);
    }

    /** Checks that the namespace that was seen is the claim's; see {@link Namespaces#requireSame}. */
    void requireSame(NamespaceView seen, PvcRef pvc) {
        namespaces.requireSame(seen, pvc.namespaceUid());
    }

    /** Returns the instance's Jobs that carry the session's label. */
    List<JobView> jobsOf(String namespace, String sessionId) {
        Map<String, String> labels = names.sessionLabels(sessionId);
        return jobs.computeIfAbsent(namespace, this::listJobs).stream()
                .filter(job -> job.meta().hasLabels(labels))
                .toList();
    }

    /** Returns the instance's pods that keep the claim from going. */
    List<PodView> podsOn(ObjectRef claim) {
        return pods.computeIfAbsent(claim.namespace(), this::listPods).stream()
                .filter(pod -> pod.pinsClaims() && pod.claims().contains(claim.name()))
                .toList();
    }

    /** Reads the pods of the namespace now, so that what follows may come from several threads. */
    void loadPods(String namespace) {
        pods.put(namespace, listPods(namespace));
    }

    /** Returns what could not be read in the namespaces that were asked, for people. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    private List<JobView> listJobs(String namespace) {
        return noted("Job", namespace, own(namespace).all(kubectl::listJobs));
    }

    private List<PodView> listPods(String namespace) {
        return noted("pod", namespace, own(namespace).all(kubectl::listPods));
    }

    private ListQuery own(String namespace) {
        return ListQuery.in(namespace).withLabels(names.labels());
    }

    private <T> List<T> noted(String kind, String namespace, ObjectPage<T> all) {
        all.skipped().forEach(skipped -> problems.add(kind + " " + namespace + "/" + skipped));
        return all.items();
    }
}
