package io.agentrun.k8s.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How far the eviction of one session's volume has come.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param outcome how far it has come
 * @param detail more about it, for people; null when there is nothing to say
 */
public record Eviction(
        String sessionId, Outcome outcome, @Nullable String detail) {

    /** How far an eviction has come. Immutable. */
    public enum Outcome {
        /** The cluster has no such claim any more, and the session is {@code evicted}. */
        EVICTED,
        /**
         * The claim is on its way out, and stays so while somebody's pod mounts it; a later sweep sees the end of it.
         */
        TERMINATING,
        /** A pod of this instance that is none of the session's runners mounts the claim: it was not deleted. */
        POD_IN_USE,
        /** The claim's name belongs to another claim: nothing was deleted, and the session is {@code missing}. */
        FOREIGN_CLAIM,
        /** The session is in use: nothing was begun. */
        BUSY,
        /** The session does not expire any more, or not yet, or another one was faster: nothing was begun. */
        NOT_DUE,
        /** A Job of the session was started a short while ago: nothing was begun. */
        YOUNG_JOB,
        /** The cluster refused or could not be asked: nothing is sure, a later sweep goes on. */
        CLUSTER_FAILED,
        /** The store refused or could not be asked: a later sweep goes on. */
        STORE_FAILED,
        /** The time of the sweep was over before this session's turn; a later sweep goes on. */
        POSTPONED
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public Eviction {
        sessionId = Require.given("sessionId", sessionId);
        outcome = Require.given("outcome", outcome);
    }

    /** Returns the outcome without a detail. */
    static Eviction of(String sessionId, Outcome outcome) {
        return new Eviction(sessionId, outcome, null);
    }
}
