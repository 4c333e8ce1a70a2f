package io.agentrun.error;

import org.jspecify.annotations.Nullable;

/**
 * The session (or the run, where a run has no session) is at work, and the call was told not to wait: a turn with
 * {@code OnBusy.REJECT}, or the eviction of storage that is in use. Code {@code session-busy}, status 409,
 * {@code schema-invalid}, retryable.
 *
 * <p>Immutable.
 */
public final class SessionBusyException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String sessionId;
    private final @Nullable String activeCommandId;

    /**
     * Says that a session is at work.
     *
     * @param sessionId the session, or null for a run without one
     * @param activeCommandId the turn that is active, or null if a run is open without one
     */
    public SessionBusyException(@Nullable String sessionId, @Nullable String activeCommandId) {
        super(
                FailureKind.SCHEMA_INVALID,
                true,
                (sessionId == null ? "the run" : "session " + sessionId)
                        + (activeCommandId == null ? " is in use" : " is busy with turn " + activeCommandId),
                facts("sessionId", sessionId, "activeCommandId", activeCommandId));
        this.sessionId = sessionId;
        this.activeCommandId = activeCommandId;
    }

    /** Returns the session that is at work; null for a run without a session. */
    public @Nullable String sessionId() {
        return sessionId;
    }

    /** Returns the turn that is active; null if a run is open without one. */
    public @Nullable String activeCommandId() {
        return activeCommandId;
    }

    /** Returns {@code session-busy}. */
    @Override
    public String code() {
        return "session-busy";
    }
}
