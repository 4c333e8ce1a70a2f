package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ConditionView;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.k8s.object.PodView;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The cluster in memory from the side of a test: what happens in it besides the calls of the library, what it is told
 * to refuse, and what it was asked.
 *
 * <p>It begins with the namespace {@code default} and one node. A claim stays {@code Pending} until a pod with a node
 * mounts it, unless {@link #bindAtOnce} was called. A Job gets one pod, {@code Pending}; it runs and ends when the test
 * says so, its deadline and its time to live are kept by the clock. The controllers work between two calls: a deleted
 * object is in the answer to its deletion and gone at the next call, unless {@link #slowDeletions} was called or something
 * holds it.
 *
 * <p>Thread-safe.
 */
public final class InMemoryCluster {

    /** The namespace that is there from the beginning. */
    public static final String DEFAULT_NAMESPACE = "default";

    private final Object lock = new Object();
    private final ClusterState state;
    private final Controllers controllers;
    private final Access access = new Access();

    InMemoryCluster(Clock clock) {
        this.state = new ClusterState(clock);
        this.controllers = new Controllers(state);
        addNamespace(DEFAULT_NAMESPACE);
    }

    private void change(Consumer<ClusterState> change) {
        synchronized (lock) {
            controllers.work();
            change.accept(state);
        }
    }

    private <T> T look(Function<ClusterState, T> look) {
        synchronized (lock) {
            controllers.work();
            return look.apply(state);
        }
    }

    /** Adds the namespace; one that was there before is replaced by a new one with another uid and nothing in it. */
    public void addNamespace(String name) {
        removeNamespace(name);
        change(all -> all.namespaces.put(name, new NamespaceView(name, all.newUid(), "Active")));
    }

    /** Begins the end of the namespace: nothing can be created in it. */
    public void terminateNamespace(String name) {
        change(all -> all.namespaces.computeIfPresent(
                name, (same, view) -> new NamespaceView(name, view.uid(), "Terminating")));
    }

    /** Removes the namespace with everything in it. */
    public void removeNamespace(String name) {
        change(all -> {
            all.namespaces.remove(name);
            all.claims.keySet().removeIf(ref -> ref.namespace().equals(name));
            all.pods.keySet().removeIf(ref -> ref.namespace().equals(name));
            all.jobs.keySet().removeIf(ref -> ref.namespace().equals(name));
        });
    }

    /** Limits how many claims the namespace takes from now on. */
    public void quota(String namespace, int claims) {
        change(all -> all.quotas.put(namespace, claims));
    }

    /** Refuses pods of Jobs from now on, for this reason; the Job is created all the same. */
    public void refusePods(String reason) {
        change(all -> all.podRefusal = Require.given("reason", reason));
    }

    /** Pods may be made again; Jobs that wait get theirs. */
    public void allowPods() {
        change(all -> all.podRefusal = null);
    }

    /** Lets no node take the pods of Jobs from now on. */
    public void takeNoPods() {
        change(all -> all.nodeTakesPods = false);
    }

    /** Lets no claim grow from now on, as a storage class without volume expansion. */
    public void fixSizes() {
        change(all -> all.claimsGrow = false);
    }

    /** Claims are bound as soon as they exist, those that are there too. */
    public void bindAtOnce() {
        change(all -> all.waitsForConsumer = false);
    }

    /**
     * Makes deletions slow: what is deleted stays, with its deletion time, until {@link #finishDeletions}: the node is
     * silent.
     */
    public void slowDeletions() {
        change(all -> all.slowDeletions = true);
    }

    /** Finishes deletions: what is on its way out goes, as far as nothing holds it, and deletions are fast again. */
    public void finishDeletions() {
        change(all -> all.slowDeletions = false);
    }

    /** Adds a pod of somebody, on the node, that mounts these claims. */
    public void addPod(ObjectRef pod, Set<String> claims) {
        change(all -> all.addPod(pod, Map.of(), claims, null, ClusterState.NODE));
    }

    /** Adds a pod of somebody, on the node, with these labels and this owner. */
    public void addPod(ObjectRef pod, Map<String, String> labels, Set<String> claims, @Nullable String ownerUid) {
        change(all -> all.addPod(pod, labels, claims, ownerUid, ClusterState.NODE));
    }

    /** Sets the state of the pod, as its node or the scheduler reports it. */
    public void podState(ObjectRef pod, PodState now) {
        change(all -> all.pod(Require.given("pod", all.pods.get(pod)), now));
    }

    /** Starts the pod and its containers. */
    public void startPod(ObjectRef pod) {
        change(all -> {
            PodView view = Require.given("pod", all.pods.get(pod));
            List<ContainerView> running = all.containersOf(view).stream()
                    .map(name -> new ContainerView(name, ContainerView.State.RUNNING, null, null, null))
                    .toList();
            all.pod(view, new PodState("Running", ClusterState.NODE, List.of(), running));
        });
    }

    /** Ends the pod with exit code 0; its object is still there. */
    public void finishPod(ObjectRef pod) {
        endPod(pod, 0, "Completed");
    }

    /** Ends all containers of the pod with this exit code; its object is still there, and its Job is about to end. */
    public void endPod(ObjectRef pod, int exitCode, String reason) {
        change(all -> end(all, Require.given("pod", all.pods.get(pod)), exitCode, reason));
    }

    private static void end(ClusterState all, PodView pod, int exitCode, String reason) {
        all.end(pod, exitCode == 0 ? "Succeeded" : "Failed", null, exitCode, reason);
    }

    /** Drains the node of the pod: the pod has failed, and says that it was disrupted. */
    public void drainPod(ObjectRef pod) {
        change(all -> {
            PodView view = Require.given("pod", all.pods.get(pod));
            ConditionView drained =
                    new ConditionView("DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting");
            all.pod(view, new PodState("Running", ClusterState.NODE, List.of(drained), List.of()));
            end(all, Require.given("pod", all.pods.get(pod)), 143, "Error");
        });
    }

    /** Removes the pod object and its log. */
    public void removePod(ObjectRef pod) {
        change(all -> all.removePod(pod));
    }

    /** Sets the log of the pod's first container to this text; what it begins with and was there before keeps its times. */
    public void log(ObjectRef pod, String text) {
        change(all -> firstLog(all, pod).set(text, all.clock.instant()));
    }

    /** Sets the log of the pod's first container to these lines, which are read when they are asked for and not copied. */
    public void logLines(ObjectRef pod, List<String> lines) {
        change(all -> firstLog(all, pod).set(lines, all.clock.instant()));
    }

    /** Removes the first lines of the log of the pod's first container, as a node that rotates the file. */
    public void rotateLog(ObjectRef pod, int lines) {
        change(all -> firstLog(all, pod).rotate(lines));
    }

    private static PodLog firstLog(ClusterState all, ObjectRef pod) {
        return all.log(
                pod, all.containersOf(Require.given("pod", all.pods.get(pod))).get(0));
    }

    /** Returns the log of a container, or nothing when the pod has no such container, without a call. */
    public Optional<LogText> logOf(ObjectRef pod, String container) {
        return look(all -> Optional.ofNullable(all.pods.get(pod))
                .filter(view -> all.containersOf(view).contains(container))
                .map(view -> all.log(pod, container).text()));
    }

    /** Returns the names of the pod's containers, without a call. */
    public List<String> containersOf(ObjectRef pod) {
        return look(all ->
                Optional.ofNullable(all.pods.get(pod)).map(all::containersOf).orElse(List.of()));
    }

    /** Starts the Job's pod. */
    public void startJob(ObjectRef job) {
        podsOf(job).forEach(pod -> startPod(pod.meta().ref()));
    }

    /** Completes the Job; Job and pod are still there. */
    public void completeJob(ObjectRef job) {
        podsOf(job).forEach(pod -> finishPod(pod.meta().ref()));
        change(all -> all.job(job(all, job), JobView.State.SUCCEEDED, null));
    }

    /** Fails the Job, because its runner ended with exit code 1; Job and pod are still there. */
    public void failJob(ObjectRef job) {
        podsOf(job).forEach(pod -> endPod(pod.meta().ref(), 1, "Error"));
        change(all -> all.job(job(all, job), JobView.State.FAILED, Controllers.BACKOFF));
    }

    /** Ends the Job's time: its pod is deleted, with its log, and the Job fails once the pod is gone. */
    public void exceedDeadline(ObjectRef job) {
        change(all -> controllers.exceedDeadline(job(all, job)));
    }

    /** Removes the Job and its pods, as after its time to live. */
    public void removeJob(ObjectRef job) {
        change(all -> {
            JobView view = job(all, job);
            all.podsOf(view).forEach(pod -> all.removePod(pod.meta().ref()));
            all.removeJob(view);
        });
    }

    private List<PodView> podsOf(ObjectRef job) {
        return look(all -> all.podsOf(job(all, job)));
    }

    private static JobView job(ClusterState all, ObjectRef job) {
        return Require.given("job", all.jobs.get(job));
    }

    /** Returns the manifest of the Job, without a call. */
    public JsonObject manifest(ObjectRef job) {
        return look(all -> Require.given(
                        "job", all.manifests.get(job(all, job).meta().uid()))
                .body());
    }

    /** Adds an Event about the object with this uid. */
    public void event(String uid, EventView event) {
        change(all -> all.event(uid, event));
    }

    /** Makes the object, of whatever kind, too large for any answer to hold. */
    public void oversize(ObjectRef object) {
        change(all -> all.oversized.add(object));
    }

    /** Changes something about the claim that gives it another version, as its controllers do. */
    public void touch(ObjectRef claim) {
        change(all -> {
            ClaimView view = Require.given("claim", all.claims.get(claim));
            all.claim(view, view.phase(), view.size(), view.capacity());
        });
    }

    /** Removes the claim, whoever did it. */
    public void loseClaim(ObjectRef claim) {
        change(all -> all.claims.remove(claim));
    }

    /** Adds a claim of this name, with these labels and a new uid; one that was there before is gone. */
    public void replaceClaim(ObjectRef claim, Map<String, String> labels) {
        change(all -> all.claims.put(
                claim,
                new ClaimView(
                        all.newMeta(claim, labels, Map.of()),
                        "Bound",
                        "1Gi",
                        "1Gi",
                        "standard",
                        List.of("ReadWriteOnce"))));
    }

    /** Calls as the fault says fail; faults are used up in the order in which they were given. */
    public void inject(Fault fault) {
        synchronized (lock) {
            access.inject(Require.given("fault", fault));
        }
    }

    /** Removes all injected faults. */
    public void heal() {
        synchronized (lock) {
            access.heal();
        }
    }

    /** Calls that need the permission ({@code verb resource}) are forbidden from now on. */
    public void deny(String permission) {
        synchronized (lock) {
            access.deny(permission);
        }
    }

    /** Gives the account a Role in this namespace alone: in all others everything is forbidden, whether they exist or not. */
    public void onlyIn(String namespace) {
        synchronized (lock) {
            access.onlyIn(namespace);
        }
    }

    /** Returns whether calls that need the permission are allowed in the namespace. */
    public boolean allows(String permission, String namespace) {
        synchronized (lock) {
            return access.allows(permission, namespace);
        }
    }

    /** Returns what was asked so far, refused calls too, in order. */
    public List<ClusterCall> calls() {
        synchronized (lock) {
            return access.calls();
        }
    }

    /** Forgets the calls so far. */
    public void forgetCalls() {
        synchronized (lock) {
            access.forgetCalls();
        }
    }

    /** Returns the claim, without a call. */
    public Optional<ClaimView> claim(ObjectRef claim) {
        return look(all -> Optional.ofNullable(all.claims.get(claim)));
    }

    /** Returns every claim, without a call. */
    public List<ClaimView> claims() {
        return look(all -> List.copyOf(all.claims.values()));
    }

    /** Returns every Job, without a call. */
    public List<JobView> jobs() {
        return look(all -> List.copyOf(all.jobs.values()));
    }

    /** Returns every pod, without a call. */
    public List<PodView> pods() {
        return look(all -> List.copyOf(all.pods.values()));
    }

    /** Does one call: noted, refused if it must be, done as one step. */
    <T> T call(ClusterCall call, Function<ClusterState, T> work) {
        synchronized (lock) {
            controllers.work();
            Optional<Fault> fault = access.admit(call);
            T result = work.apply(state);
            if (fault.isPresent()) {
                throw new KubectlException(fault.get().reason(), call.operation(), "injected, done all the same");
            }
            return result;
        }
    }
}
