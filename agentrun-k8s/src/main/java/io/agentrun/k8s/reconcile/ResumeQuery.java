package io.agentrun.k8s.reconcile;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.BackendProfile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which session is to be resumed, and what it must still be. Make one with {@link #of}.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param backendProfile the backend that is to resume it
 * @param threadId the thread that is to go on, or null for whichever the session has
 * @param generation the generation of the volume that the thread was written on, or null when that is not known
 * @param sha256 the digest that the volume must have been reported with, 64 lower-case hex digits, or null for any
 */
public record ResumeQuery(
        String sessionId,
        BackendProfile backendProfile,
        @Nullable String threadId,
        @Nullable Long generation,
        @Nullable String sha256) {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or not of its shape
     */
    public ResumeQuery {
        sessionId = Texts.id("sessionId", sessionId);
        backendProfile = Require.given("backendProfile", backendProfile);
        threadId = Texts.idOrNull("threadId", threadId);
        generation = generation == null ? null : Require.between("generation", generation, 1, Long.MAX_VALUE);
        if (sha256 != null && !SHA_256.matcher(sha256).matches()) {
            throw new InvalidInputException("sha256", "must be 64 lower-case hex digits");
        }
    }

    /** Returns the query for whatever the session has. */
    public static ResumeQuery of(String sessionId, BackendProfile backendProfile) {
        return new ResumeQuery(sessionId, backendProfile, null, null, null);
    }

    /** Returns the same query for this thread alone. */
    public ResumeQuery withThreadId(@Nullable String value) {
        return new ResumeQuery(sessionId, backendProfile, value, generation, sha256);
    }

    /** Returns the same query for this generation alone. */
    public ResumeQuery withGeneration(@Nullable Long value) {
        return new ResumeQuery(sessionId, backendProfile, threadId, value, sha256);
    }

    /** Returns the same query for this digest alone. */
    public ResumeQuery withSha256(@Nullable String value) {
        return new ResumeQuery(sessionId, backendProfile, threadId, generation, value);
    }
}
