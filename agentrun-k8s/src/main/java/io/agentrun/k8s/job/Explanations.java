package io.agentrun.k8s.job;

import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds the words of Events to what keeps a Job from starting, where the Role allows to list them: those about the Job for a
 * pod that is not made, those about the pod for one that does not start, those about its claims while it has no node.
 *
 * <p>Thread-safe.
 */
final class Explanations {

    private final KubectlHandler kubectl;

    Explanations(KubectlHandler kubectl) {
        this.kubectl = kubectl;
    }

    /**
     * Returns the status with the words of the newest Event that tells of its trouble, or as it is.
     *
     * @param jobUid the uid of the Job
     * @param pod its newest pod, null when it has none
     * @param beforeCall is run before each call to the cluster
     * @throws KubectlException when the cluster cannot be asked; a permission that is missing changes nothing
     */
    RunnerJobStatus explain(RunnerJobStatus status, String jobUid, @Nullable PodView pod, Runnable beforeCall) {
        JobTrouble trouble = status.trouble();
        if (trouble == null) {
            return status;
        }
        try {
            return switch (trouble.kind()) {
                case NO_POD -> explained(status, jobUid, beforeCall);
                case SLOW_START ->
                    pod == null
                            ? status
                            : byClaims(explained(status, pod.meta().uid(), beforeCall), status, pod, beforeCall);
                case UNSCHEDULABLE -> pod == null ? status : byClaims(status, status, pod, beforeCall);
                case IMAGE, CONFIG, NODE_SILENT -> status;
            };
        } catch (KubectlException e) {
            if (e.reason() == Reason.FORBIDDEN) {
                // The permission is optional: the status stands without the Event's words.
                return status;
            }
            throw e;
        }
    }

    /** Asks about the claims of a pod without a node: a volume that is never made keeps it from getting one. */
    private RunnerJobStatus byClaims(RunnerJobStatus known, RunnerJobStatus before, PodView pod, Runnable beforeCall) {
        if (!known.equals(before) || pod.state().node() != null) {
            return known;
        }
        for (String name : pod.claims()) {
            beforeCall.run();
            Optional<ClaimView> claim =
                    kubectl.findClaim(new ObjectRef(pod.meta().ref().namespace(), name));
            if (claim.isPresent() && claim.get().phase().equals("Pending")) {
                RunnerJobStatus words = explained(before, claim.get().meta().uid(), beforeCall);
                if (!words.equals(before)) {
                    return words;
                }
            }
        }
        return known;
    }

    private RunnerJobStatus explained(RunnerJobStatus status, String uid, Runnable beforeCall) {
        beforeCall.run();
        List<EventView> events = kubectl.listEvents(status.job().namespace(), uid);
        return JobDiagnosis.explained(status, events);
    }
}
