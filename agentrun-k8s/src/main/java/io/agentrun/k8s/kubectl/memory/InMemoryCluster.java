package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The cluster in memory from the side of a test: what happens in it besides the calls of the library, what it is told
 * to refuse, and what it was asked.
 *
 * <p>It begins with the namespace {@code default}. A claim stays {@code Pending} until a pod names it, unless
 * {@link #bindAtOnce} was called. A Job gets one pod at once, {@code Pending}; it runs and ends when the test says so.
 * Deletions are done at once unless {@link #slowDeletions} was called.
 *
 * <p>Thread-safe.
 */
public final class InMemoryCluster {

    /** The namespace that is there from the beginning. */
    public static final String DEFAULT_NAMESPACE = "default";

    private final Object lock = new Object();
    private final ClusterState state;
    private final List<ClusterCall> calls = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<String> denied = new HashSet<>();

    InMemoryCluster(Clock clock) {
        this.state = new ClusterState(clock);
        addNamespace(DEFAULT_NAMESPACE);
    }

    /** The namespace exists; one that was there before is replaced by a new one with another uid and nothing in it. */
    public void addNamespace(String name) {
        removeNamespace(name);
        synchronized (lock) {
            state.namespaces.put(name, new NamespaceView(name, state.newUid(), "Active"));
        }
    }

    /** The namespace is gone, with everything in it. */
    public void removeNamespace(String name) {
        synchronized (lock) {
            state.namespaces.remove(name);
            state.claims.keySet().removeIf(ref -> ref.namespace().equals(name));
            state.pods.keySet().removeIf(ref -> ref.namespace().equals(name));
            state.jobs.keySet().removeIf(ref -> ref.namespace().equals(name));
        }
    }

    /** The namespace takes no more than so many claims from now on. */
    public void quota(String namespace, int claims) {
        synchronized (lock) {
            state.quotas.put(namespace, claims);
        }
    }

    /** Claims are bound as soon as they exist, those that are there too. */
    public void bindAtOnce() {
        synchronized (lock) {
            state.waitsForConsumer = false;
            state.settle();
        }
    }

    /** From now on what is deleted stays, with its deletion time, until {@link #finishDeletions}. */
    public void slowDeletions() {
        synchronized (lock) {
            state.slowDeletions = true;
        }
    }

    /** What is on its way out goes, as far as nothing holds it, and deletions are fast again. */
    public void finishDeletions() {
        synchronized (lock) {
            state.slowDeletions = false;
            state.settle();
        }
    }

    /** A pod of somebody exists that mounts these claims. */
    public void addPod(ObjectRef pod, Set<String> claims) {
        synchronized (lock) {
            state.addPod(pod, Map.of(), claims, null);
        }
    }

    /** The pod runs. */
    public void startPod(ObjectRef pod) {
        synchronized (lock) {
            state.podPhase(Require.given("pod", state.pods.get(pod)), "Running");
        }
    }

    /** The pod has ended and its object is still there. */
    public void finishPod(ObjectRef pod) {
        synchronized (lock) {
            state.podPhase(Require.given("pod", state.pods.get(pod)), "Succeeded");
        }
    }

    /** The pod object is gone. */
    public void removePod(ObjectRef pod) {
        synchronized (lock) {
            state.pods.remove(pod);
            state.settle();
        }
    }

    /** The pod's log is this text. */
    public void log(ObjectRef pod, String text) {
        synchronized (lock) {
            state.logs.put(pod, text);
        }
    }

    /** The Job's pod runs. */
    public void startJob(ObjectRef job) {
        synchronized (lock) {
            JobView view = Require.given("job", state.jobs.get(job));
            state.podsOf(view).forEach(pod -> state.podPhase(pod, "Running"));
        }
    }

    /** The Job has succeeded; Job and pod are still there. */
    public void completeJob(ObjectRef job) {
        endJob(job, JobView.State.SUCCEEDED, "Succeeded");
    }

    /** The Job has failed, because it took too long; Job and pod are still there. */
    public void failJob(ObjectRef job) {
        endJob(job, JobView.State.FAILED, "Failed");
    }

    private void endJob(ObjectRef job, JobView.State end, String podPhase) {
        synchronized (lock) {
            JobView view = Require.given("job", state.jobs.get(job));
            state.podsOf(view).forEach(pod -> state.podPhase(pod, podPhase));
            state.jobState(view, end, end == JobView.State.FAILED ? "DeadlineExceeded" : null);
        }
    }

    /** The Job and its pods are gone, as after its time to live. */
    public void removeJob(ObjectRef job) {
        synchronized (lock) {
            JobView view = Require.given("job", state.jobs.get(job));
            state.podsOf(view).forEach(pod -> state.pods.remove(pod.meta().ref()));
            state.jobs.remove(job);
            state.settle();
        }
    }

    /** The claim is gone, whoever did it. */
    public void loseClaim(ObjectRef claim) {
        synchronized (lock) {
            state.claims.remove(claim);
        }
    }

    /** A claim of this name, with these labels and a new uid, is there; one that was there before is gone. */
    public void replaceClaim(ObjectRef claim, Map<String, String> labels) {
        synchronized (lock) {
            ObjectMeta meta = state.newMeta(claim, labels, Map.of());
            state.claims.put(claim, new ClaimView(meta, "Bound", "1Gi", "standard", List.of("ReadWriteOnce")));
        }
    }

    /** Calls as the fault says fail; faults are used up in the order in which they were given. */
    public void inject(Fault fault) {
        synchronized (lock) {
            faults.add(Require.given("fault", fault));
        }
    }

    /** No injected fault is left. */
    public void heal() {
        synchronized (lock) {
            faults.clear();
        }
    }

    /** Calls that need the permission ({@code verb resource}) are forbidden from now on. */
    public void deny(String permission) {
        synchronized (lock) {
            denied.add(permission);
        }
    }

    /** Returns whether calls that need the permission are allowed. */
    public boolean allows(String permission) {
        synchronized (lock) {
            return !denied.contains(permission);
        }
    }

    /** Returns what was asked so far, refused calls too, in order. */
    public List<ClusterCall> calls() {
        synchronized (lock) {
            return List.copyOf(calls);
        }
    }

    /** The calls so far are forgotten. */
    public void forgetCalls() {
        synchronized (lock) {
            calls.clear();
        }
    }

    /** Returns the claim, without a call. */
    public Optional<ClaimView> claim(ObjectRef claim) {
        synchronized (lock) {
            return Optional.ofNullable(state.claims.get(claim));
        }
    }

    /** Returns every claim, without a call. */
    public List<ClaimView> claims() {
        synchronized (lock) {
            return List.copyOf(state.claims.values());
        }
    }

    /** Returns every Job, without a call. */
    public List<JobView> jobs() {
        synchronized (lock) {
            return List.copyOf(state.jobs.values());
        }
    }

    /** Returns every pod, without a call. */
    public List<PodView> pods() {
        synchronized (lock) {
            return List.copyOf(state.pods.values());
        }
    }

    /** One call: noted, refused if it must be, done as one step. */
    <T> T call(ClusterCall call, Function<ClusterState, T> work) {
        synchronized (lock) {
            calls.add(call);
            String operation = call.verb() + " " + call.resource() + " " + call.namespace()
                    + (call.name() == null ? "" : "/" + call.name());
            if (denied.contains(call.permission())) {
                throw new KubectlException(
                        KubectlException.Reason.FORBIDDEN,
                        operation,
                        call.resource() + " is forbidden: cannot " + call.verb() + " resource");
            }
            Optional<Fault> fault = next(call.permission());
            if (fault.isPresent() && fault.get().moment() == Fault.Moment.BEFORE) {
                throw new KubectlException(fault.get().reason(), operation, "injected, nothing done");
            }
            T result = work.apply(state);
            if (fault.isPresent()) {
                throw new KubectlException(fault.get().reason(), operation, "injected, done all the same");
            }
            return result;
        }
    }

    private Optional<Fault> next(String permission) {
        for (Iterator<Fault> all = faults.iterator(); all.hasNext(); ) {
            Fault fault = all.next();
            if (fault.permission().equals(permission)) {
                all.remove();
                if (fault.times() == Integer.MAX_VALUE) {
                    faults.add(0, fault);
                } else if (fault.times() > 1) {
                    faults.add(0, new Fault(permission, fault.reason(), fault.moment(), fault.times() - 1));
                }
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }
}
