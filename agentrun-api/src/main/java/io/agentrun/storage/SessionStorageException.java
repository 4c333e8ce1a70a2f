package io.agentrun.storage;

import io.agentrun.error.ConflictException;
import io.agentrun.error.FailureKind;

/**
 * The session's files are going, gone or lost, so that nothing new can run on them. Code
 * {@code session-storage-unusable}, status 409, not retryable; the failure kind is {@code session-storage-terminating}
 * while the storage is evicting, {@code session-store-evicted} once it is evicted, {@code session-storage-missing} when
 * the cluster has lost it.
 *
 * <p>A host that wants to go on provisions storage anew, where the state allows it, or takes another session.
 *
 * <p>Immutable.
 */
public final class SessionStorageException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String sessionId;
    private final StorageState state;

    /**
     * Says that a session's storage stands against the call.
     *
     * @throws IllegalArgumentException if the state is one that refuses nothing (none, provisioning, ready)
     */
    public SessionStorageException(String sessionId, StorageState state) {
        super(
                kind(state),
                false,
                "the storage of session " + sessionId + " is " + state.wire(),
                facts("sessionId", sessionId, "state", state.wire()));
        this.sessionId = sessionId;
        this.state = state;
    }

    private static FailureKind kind(StorageState state) {
        return switch (state) {
            case EVICTING -> FailureKind.SESSION_STORAGE_TERMINATING;
            case EVICTED -> FailureKind.SESSION_STORE_EVICTED;
            case MISSING -> FailureKind.SESSION_STORAGE_MISSING;
            case NONE, PROVISIONING, READY ->
                throw new IllegalArgumentException("storage that is " + state.wire() + " refuses nothing");
        };
    }

    /** Returns the session whose storage refuses the call. */
    public String sessionId() {
        return sessionId;
    }

    /** Returns the state that the storage is in: evicting, evicted or missing. */
    public StorageState state() {
        return state;
    }

    /** Returns {@code session-storage-unusable}. */
    @Override
    public String code() {
        return "session-storage-unusable";
    }
}
