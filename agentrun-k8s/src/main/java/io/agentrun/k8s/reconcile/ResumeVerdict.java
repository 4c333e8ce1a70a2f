package io.agentrun.k8s.reconcile;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.storage.SessionStorage;
import org.jspecify.annotations.Nullable;

/**
 * Whether a session can be resumed.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param status whether it can, or why not
 * @param threadId the thread that would go on, null when there is none
 * @param storage what the store knows of its volume
 * @param problem why the cluster could not be asked, null unless it could not
 */
public record ResumeVerdict(
        String sessionId,
        Status status,
        @Nullable String threadId,
        SessionStorage storage,
        @Nullable String problem) {

    /** Whether a session can be resumed, or why not. Immutable. */
    public enum Status {
        /** It can. */
        READY,
        /** The session has no thread, or another one. */
        NO_THREAD,
        /** The session never had a volume. */
        NO_VOLUME,
        /** Its volume is not confirmed yet. */
        NOT_READY,
        /** Its volume was evicted. */
        EVICTED,
        /** The cluster has lost its volume. */
        MISSING,
        /** Its volume is on its way out. */
        TERMINATING,
        /** The session is another backend's. */
        PROFILE_MISMATCH,
        /** Its volume is a later one than the thread was written on. */
        GENERATION_MISMATCH,
        /** What was reported last of its volume has another digest, or none. */
        DIGEST_MISMATCH,
        /** The store does not rule it out, and the cluster could not be asked. */
        UNKNOWN
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public ResumeVerdict {
        sessionId = Require.given("sessionId", sessionId);
        status = Require.given("status", status);
        storage = Require.given("storage", storage);
    }

    /** Returns whether the session can be resumed. */
    public boolean ready() {
        return status == Status.READY;
    }
}
