package io.agentrun.k8s.kubectl;

import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.util.List;
import java.util.Optional;

/**
 * Everything that agentrun asks of a cluster, as synchronous calls: one request each unless it says otherwise, no retries,
 * no waiting for a state. A host may bring its own; the contract is the test class {@code KubectlHandlerContract} of this module.
 *
 * <p>Every method throws {@link KubectlException} when the cluster refuses or cannot be asked, and
 * {@link io.agentrun.error.InvalidInputException} for an argument that is missing or not of its shape, before anything
 * is asked. That an object does not exist is an empty answer where one is asked for, and the reason
 * {@code NOT_FOUND} everywhere else. A namespace that does not exist looks the same as an object that does not.
 *
 * <p>Thread-safe.
 */
public interface KubectlHandler {

    /**
     * Creates the claim and returns it as the cluster keeps it; its phase is usually {@code Pending}. A second call is
     * refused with {@code ALREADY_EXISTS}, also while the first claim is on its way out.
     *
     * @throws KubectlException {@code QUOTA_EXCEEDED}, {@code FORBIDDEN}, {@code INVALID}, {@code NOT_FOUND} (the
     *     namespace); after {@code TIMEOUT} and {@code UNAVAILABLE} the claim may have been created
     */
    ClaimView createClaim(ClaimManifest manifest);

    /** Returns the claim, or nothing when the cluster says that there is none. */
    Optional<ClaimView> findClaim(ObjectRef claim);

    /**
     * Returns one page of claims, by name. A page may hold fewer than were asked for where they are large; an object that
     * cannot be read is named in the page and keeps no other one from being read.
     *
     * @throws KubectlException {@code CONFLICT} when the cursor has become too old: begin again
     */
    ObjectPage<ClaimView> listClaims(ListQuery query);

    /**
     * Deletes the claim with this uid: it stays, with a deletion time, while a pod object uses it.
     * A second call does nothing more while it stays.
     *
     * @throws KubectlException {@code CONFLICT} when the claim of this name has another uid, {@code NOT_FOUND} when
     *     there is none
     */
    void deleteClaim(ObjectRef claim, String uid);

    /**
     * Asks for a claim of this size and returns it as the cluster keeps it then; one that asks for that much already is
     * returned as it is. Its {@link ClaimView#capacity} grows later, with some drivers once the next pod mounts it. Two
     * requests. The permission for it ({@code update persistentvolumeclaims}) is optional. Unless a handler says otherwise, it
     * refuses with {@code UNKNOWN}.
     *
     * @throws KubectlException {@code CONFLICT} when the claim of this name has another uid, or (retryable) was changed
     *     meanwhile, {@code NOT_FOUND} when there is none, {@code INVALID} when it is not bound yet or asks for more already,
     *     {@code FORBIDDEN} when its storage class lets no claim grow, {@code QUOTA_EXCEEDED}
     */
    default ClaimView resizeClaim(ObjectRef claim, String uid, String size) {
        throw new KubectlException(
                KubectlException.Reason.UNKNOWN,
                "update persistentvolumeclaims " + claim,
                "this handler lets no claim grow");
    }

    /** Returns one page of pods, by name; a finished pod is one too. */
    ObjectPage<PodView> listPods(ListQuery query);

    /**
     * Creates the Job and returns it as the cluster keeps it. A second call is refused with {@code ALREADY_EXISTS}.
     *
     * @throws KubectlException as {@link #createClaim}
     */
    JobView createJob(JobManifest manifest);

    /** Returns the Job, or nothing when the cluster says that there is none. */
    Optional<JobView> findJob(ObjectRef job);

    /** Returns one page of Jobs, by name, as {@link #listClaims} does of claims. */
    ObjectPage<JobView> listJobs(ListQuery query);

    /**
     * Deletes the Job with this uid, and its pods after it, in the background: for a while they may still run.
     *
     * @throws KubectlException {@code CONFLICT} when the Job of this name has another uid, {@code NOT_FOUND} when there
     *     is none
     */
    void deleteJob(ObjectRef job, String uid);

    /** Returns the namespace, or nothing when the cluster says that there is none. */
    Optional<NamespaceView> findNamespace(String namespace);

    /**
     * Reads the log of a container, in order, from where the last look ended, line by line into the sink; nothing of it is
     * kept, so that it may be of any length. A container that has not started, of a pod with a node or without, has an
     * empty log. What the sink took stays taken when the call fails: the position of the last line is where to go on.
     *
     * @throws KubectlException {@code NOT_FOUND} when there is no such pod, {@code INVALID} when it has no such container,
     *     {@code UNAVAILABLE} when its node cannot be reached or has lost the log
     */
    LogEnd readLog(LogQuery query, LogSink sink);

    /**
     * Returns the Events about the object with this uid that the cluster still has, at most 100, fewer where they are large;
     * one that cannot be read is left out. The permission for it ({@code list events}) is optional.
     */
    List<EventView> listEvents(String namespace, String uid);

    /**
     * Returns the versions of both sides, and which of the permissions that this library needs in the namespace are
     * missing. It never throws a {@link KubectlException}: what went wrong is part of the answer.
     */
    ClusterProbe probe(String namespace);
}
