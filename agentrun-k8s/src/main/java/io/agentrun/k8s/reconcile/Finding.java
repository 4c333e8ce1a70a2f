package io.agentrun.k8s.reconcile;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.ObjectRef;
import org.jspecify.annotations.Nullable;

/**
 * One thing in which store and cluster differ, what is to be done about it, and what was done.
 *
 * <p>Immutable.
 *
 * @param kind how they differ
 * @param action what is to be done
 * @param result what was done
 * @param sessionId the session, null for a claim that no session accounts for
 * @param claim the claim
 * @param detail more about it, for people
 */
public record Finding(
        Kind kind, Action action, Result result, @Nullable String sessionId, ObjectRef claim, String detail) {

    /** How store and cluster differ. Immutable. */
    public enum Kind {
        /** The session is {@code ready}, and the cluster has no such claim. */
        CLAIM_LOST,
        /** The session's claim has another uid than the one that is remembered. */
        UID_CHANGED,
        /** The session is {@code provisioning}, its claim exists, and nobody has confirmed it for longer than the grace. */
        NOT_CONFIRMED,
        /** The session's volume was made by the original manager; its claim is there, and its uid was not known. */
        ADOPTED,
        /** The session is {@code provisioning} for longer than the grace, and the cluster has no such claim. */
        NEVER_CREATED,
        /**
         * The namespace has another uid than when the session's volume was made: it is another cluster's, or was made
         * anew. Nothing is said of the claim.
         */
        NAMESPACE_CHANGED,
        /** The name of the session's claim is taken by a claim that is not the session's. */
        NAME_TAKEN,
        /** The session is {@code ready}, and somebody has deleted its claim, which is still there. */
        DELETED_OUTSIDE,
        /** The session is {@code missing}, and its very claim is in the cluster. */
        FOUND_AGAIN,
        /** The session is {@code evicting}: a sweep goes on with it. */
        EVICTION_OPEN,
        /** The claim is to go, and a pod that has ended keeps it: its object must be removed first. */
        PINNED_BY_FINISHED_POD,
        /** The session's volume of this generation is {@code evicted}, and the claim is there. */
        EVICTED_BUT_THERE,
        /** The claim is one of the session, and of another generation than its present volume. */
        STALE_CLAIM,
        /** The claim is this instance's, and the store does not know its session. */
        CLAIM_WITHOUT_ROW,
        /** agentrun made the claim, for another instance. */
        OTHER_INSTANCE
    }

    /** What is to be done. Immutable. */
    public enum Action {
        /** Nothing; people decide. */
        NONE,
        /** The session becomes {@code missing}. */
        MARK_MISSING,
        /** The session becomes {@code ready}, with the uid of the claim. */
        MARK_READY,
        /** The claim is deleted, if it still has this uid. */
        DELETE_CLAIM,
        /** The next sweep of the collector does it. */
        LEAVE_TO_GC
    }

    /** What was done. Immutable. */
    public enum Result {
        /** Nothing: it was only looked at, or there is nothing to do. */
        NOTHING,
        /** The action was done. */
        DONE,
        /** Store or cluster had changed when the action was about to be done: it was not. */
        CHANGED_MEANWHILE,
        /** The limit of deletions was reached. */
        OVER_LIMIT,
        /** Store or cluster refused; the detail says why. */
        FAILED
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public Finding {
        kind = Require.given("kind", kind);
        action = Require.given("action", action);
        result = Require.given("result", result);
        claim = Require.given("claim", claim);
        detail = Require.given("detail", detail);
    }

    static Finding of(Kind kind, Action action, @Nullable String sessionId, ObjectRef claim, String detail) {
        return new Finding(kind, action, Result.NOTHING, sessionId, claim, detail);
    }

    Finding with(Result value) {
        return new Finding(kind, action, value, sessionId, claim, detail);
    }

    Finding failed(@Nullable String why) {
        return new Finding(kind, action, Result.FAILED, sessionId, claim, detail + "; " + why);
    }
}
