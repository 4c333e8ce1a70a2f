package io.agentrun.k8s.storage;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The part of an eviction that happens in the cluster, after the intent was committed: leftover Jobs go, then, if no
 * other pod mounts it, the claim. What it finds is committed by its callers, and only once the namespace was seen again.
 *
 * <p>Thread-safe.
 */
final class Evictor {

    /** What is left of a claim. */
    enum Trace {
        /** The cluster says that there is none. */
        GONE,
        /** It is on its way out. */
        TERMINATING,
        /** The name is another claim's. */
        FOREIGN,
        /** A pod of this instance, of none of the session's Jobs, mounts it. */
        IN_USE
    }

    /** A trace, and whatever there is to say about it. */
    record Finding(Trace trace, String detail) {}

    private final KubectlHandler kubectl;
    private final InstanceNames names;

    Evictor(KubectlHandler kubectl, InstanceNames names) {
        this.kubectl = kubectl;
        this.names = names;
    }

    static ObjectRef ref(PvcRef pvc) {
        return new ObjectRef(pvc.namespace(), pvc.name());
    }

    /**
     * Deletes what is left of the volume of a session whose eviction is committed.
     *
     * @param jobs the Jobs of the session
     * @param pods the instance's pods that keep the claim from going
     */
    Finding remove(Session session, PvcRef pvc, List<JobView> jobs, List<PodView> pods) {
        Set<String> removed = new HashSet<>();
        for (JobView job : jobs) {
            removeJob(job);
            removed.add(job.meta().uid());
        }
        ObjectRef ref = ref(pvc);
        for (PodView pod : pods) {
            // Pods of the Jobs that were just deleted are going; the claim's own protection waits for them.
            String owner = pod.ownerUid();
            boolean going = pod.meta().terminating() || (owner != null && removed.contains(owner));
            if (!going) {
                return new Finding(
                        Trace.IN_USE,
                        "pod " + pod.meta().ref().name() + (pod.finished() ? ", which has ended," : "")
                                + " mounts the claim");
            }
        }
        return removeClaim(session, pvc, ref);
    }

    private Finding removeClaim(Session session, PvcRef pvc, ObjectRef ref) {
        String uid = pvc.uid();
        if (uid == null) {
            Optional<ClaimView> found = kubectl.findClaim(ref);
            if (found.isEmpty()) {
                return new Finding(Trace.GONE, "");
            }
            ObjectMeta meta = found.get().meta();
            boolean own = names.ownsClaim(meta, session.id(), session.storage().generation())
                    || (AdoptedVolumes.isUnseen(session.storage()) && AdoptedVolumes.mayBe(meta));
            if (!own) {
                return foreign(ref);
            }
            uid = found.get().meta().uid();
        }
        try {
            kubectl.deleteClaim(ref, uid);
        } catch (KubectlException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                return new Finding(Trace.GONE, "");
            }
            if (e.reason() == Reason.CONFLICT) {
                return foreign(ref);
            }
            throw e;
        }
        return look(ref, uid);
    }

    /** Returns what became of a claim that was deleted. */
    private Finding look(ObjectRef ref, String uid) {
        Optional<ClaimView> left = kubectl.findClaim(ref);
        if (left.isEmpty()) {
            return new Finding(Trace.GONE, "");
        }
        return left.get().meta().uid().equals(uid)
                ? new Finding(Trace.TERMINATING, "claim " + ref + " is on its way out; it stays while a pod mounts it")
                : foreign(ref);
    }

    private static Finding foreign(ObjectRef ref) {
        return new Finding(Trace.FOREIGN, "claim " + ref + " is not the session's");
    }

    private void removeJob(JobView job) {
        try {
            kubectl.deleteJob(job.meta().ref(), job.meta().uid());
        } catch (KubectlException e) {
            // Gone, or another one by now: what was meant is not there any more.
            if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
                throw e;
            }
        }
    }

    /** Returns the outcome for people of a trace that needs no commit. */
    static Outcome outcome(Trace trace) {
        return switch (trace) {
            case GONE -> Outcome.EVICTED;
            case TERMINATING -> Outcome.TERMINATING;
            case FOREIGN -> Outcome.FOREIGN_CLAIM;
            case IN_USE -> Outcome.POD_IN_USE;
        };
    }
}
