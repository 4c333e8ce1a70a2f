package io.agentrun.k8s.kubectl;

import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.model.Page;
import java.util.Optional;

/**
 * Everything that agentrun asks of a cluster, as synchronous calls: one request each, no retries, no waiting for a
 * state. A host may bring its own; the contract is the test class {@code KubectlHandlerContract} of this module.
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
     * The claim exists and is returned as the cluster keeps it; its phase is usually {@code Pending}. A second call is
     * refused with {@code ALREADY_EXISTS}, also while the first claim is on its way out.
     *
     * @throws KubectlException {@code QUOTA_EXCEEDED}, {@code FORBIDDEN}, {@code INVALID}, {@code NOT_FOUND} (the
     *     namespace); after {@code TIMEOUT} and {@code UNAVAILABLE} the claim may have been created
     */
    ClaimView createClaim(ClaimManifest manifest);

    /** Returns the claim, or nothing when the cluster says that there is none. */
    Optional<ClaimView> findClaim(ObjectRef claim);

    /**
     * Returns one page of claims, by name.
     *
     * @throws KubectlException {@code CONFLICT} when the cursor has become too old: begin again
     */
    Page<ClaimView> listClaims(ListQuery query);

    /**
     * The claim with this uid is deleted, or on its way out: it stays, with a deletion time, while a pod object uses it.
     * A second call does nothing more while it stays.
     *
     * @throws KubectlException {@code CONFLICT} when the claim of this name has another uid, {@code NOT_FOUND} when
     *     there is none
     */
    void deleteClaim(ObjectRef claim, String uid);

    /** Returns one page of pods, by name; a finished pod is one too. */
    Page<PodView> listPods(ListQuery query);

    /**
     * The Job exists and is returned as the cluster keeps it. A second call is refused with {@code ALREADY_EXISTS}.
     *
     * @throws KubectlException as {@link #createClaim}
     */
    JobView createJob(JobManifest manifest);

    /** Returns the Job, or nothing when the cluster says that there is none. */
    Optional<JobView> findJob(ObjectRef job);

    /** Returns one page of Jobs, by name, as {@link #listClaims} does of claims. */
    Page<JobView> listJobs(ListQuery query);

    /**
     * The Job with this uid is deleted, and its pods after it, in the background: for a while they may still run.
     *
     * @throws KubectlException {@code CONFLICT} when the Job of this name has another uid, {@code NOT_FOUND} when there
     *     is none
     */
    void deleteJob(ObjectRef job, String uid);

    /** Returns the namespace, or nothing when the cluster says that there is none. */
    Optional<NamespaceView> findNamespace(String namespace);

    /**
     * Returns the end of the log of the pod's first container; empty when it has written nothing. It is the runner's
     * text: not masked, and cut to the handler's largest answer.
     *
     * @param tailLines how many lines at most, 1 to 10000
     * @throws KubectlException {@code NOT_FOUND} when there is no such pod, {@code INVALID} when it has not started
     */
    String podLog(ObjectRef pod, int tailLines);

    /**
     * Returns the versions of both sides, and which of the permissions that this library needs in the namespace are
     * missing. It never throws a {@link KubectlException}: what went wrong is part of the answer.
     */
    ClusterProbe probe(String namespace);
}
