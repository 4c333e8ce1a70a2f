package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a runner's Job from starting or ending. It may pass by itself; where it lasts, a person has to do something.
 *
 * <p>Immutable.
 *
 * @param kind what it is
 * @param reason the word of Kubernetes for it, null when it has none
 * @param words more about it in the words of Kubernetes, null when there are none
 */
public record JobTrouble(
        Kind kind, @Nullable String reason, @Nullable String words) {

    /** What keeps a Job from starting or ending. Immutable. */
    public enum Kind {
        /** No pod was made for the Job for more than a few seconds. */
        NO_POD("look at the quotas, limit ranges and Pod Security of the namespace, and whether the service account"
                + " exists; without the permission to list events only the cluster's own tools say which"),
        /** No node takes the pod. */
        UNSCHEDULABLE("free or add capacity, or change requests, node selector, affinity or tolerations; a claim whose"
                + " storage class does not exist is never bound"),
        /** The image cannot be pulled. */
        IMAGE("correct the name of the image or the pull secret, or make the registry reachable from the node"),
        /** The container cannot be made of its template. */
        CONFIG("create the Secret or ConfigMap that the template names, or correct the key, the command or the user"),
        /** The pod has a node and has not started for more than two minutes. */
        SLOW_START("look at the events of the pod: a volume that cannot be attached or mounted, a large image"),
        /** The pod should have ended more than half a minute ago, and its node says nothing. */
        NODE_SILENT("bring the node back, or delete its Node object so that its pods are removed");

        private final String advice;

        Kind(String advice) {
            this.advice = advice;
        }

        /** Returns what a person can do about it. */
        public String advice() {
            return advice;
        }
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when the kind is missing
     */
    public JobTrouble {
        kind = Require.given("kind", kind);
    }
}
