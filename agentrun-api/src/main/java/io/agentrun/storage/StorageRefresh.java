package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a runner or the host has seen of a session's volume. It is a patch: a component that is null leaves what is
 * stored as it is, and one that is nowhere mentioned does so too.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param pvcPhase the claim's phase (1..200 characters)
 * @param sizeBytes bytes, 0 or more
 * @param filesCount number of files, 0 or more
 * @param sha256 digest of the content: exactly 64 lower-case hex digits
 * @param rolloutSubdir the directory of the agent's session files, 1..200 characters, relative, without dot segments
 */
public record StorageRefresh(
        String sessionId,
        @Nullable String pvcPhase,
        @Nullable Long sizeBytes,
        @Nullable Long filesCount,
        @Nullable String sha256,
        @Nullable String rolloutSubdir) {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageRefresh {
        sessionId = Texts.id("sessionId", sessionId);
        pvcPhase = Texts.labelOrNull("pvcPhase", pvcPhase);
        sizeBytes = sizeBytes == null ? null : Require.between("sizeBytes", sizeBytes, 0, Long.MAX_VALUE);
        filesCount = filesCount == null ? null : Require.between("filesCount", filesCount, 0, Long.MAX_VALUE);
        sha256 = sha256 == null ? null : digest(sha256);
        rolloutSubdir = rolloutSubdir == null ? null : KubernetesNames.relativePath("rolloutSubdir", rolloutSubdir);
    }

    /** Returns a builder of a patch that changes nothing yet. */
    public static Builder builder(String sessionId) {
        Builder builder = new Builder();
        builder.sessionId = sessionId;
        return builder;
    }

    private static String digest(String sha256) {
        if (!SHA_256.matcher(sha256).matches()) {
            throw new InvalidInputException("sha256", "must be 64 lower-case hex digits");
        }
        return sha256;
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.sessionId = sessionId;
        builder.pvcPhase = pvcPhase;
        builder.sizeBytes = sizeBytes;
        builder.filesCount = filesCount;
        builder.sha256 = sha256;
        builder.rolloutSubdir = rolloutSubdir;
        return builder;
    }

    /**
     * Collects the components of a {@link StorageRefresh}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String sessionId;
        private @Nullable String pvcPhase;
        private @Nullable Long sizeBytes;
        private @Nullable Long filesCount;
        private @Nullable String sha256;
        private @Nullable String rolloutSubdir;

        private Builder() {}

        /** Sets the session. */
        public Builder sessionId(String sessionId) {
            this.sessionId = sessionId;
            return this;
        }

        /** Sets the claim's phase (1..200 characters). */
        public Builder pvcPhase(@Nullable String pvcPhase) {
            this.pvcPhase = pvcPhase;
            return this;
        }

        /** Sets bytes, 0 or more. */
        public Builder sizeBytes(@Nullable Long sizeBytes) {
            this.sizeBytes = sizeBytes;
            return this;
        }

        /** Sets number of files, 0 or more. */
        public Builder filesCount(@Nullable Long filesCount) {
            this.filesCount = filesCount;
            return this;
        }

        /** Sets digest of the content: exactly 64 lower-case hex digits. */
        public Builder sha256(@Nullable String sha256) {
            this.sha256 = sha256;
            return this;
        }

        /** Sets the directory of the agent's session files, 1..200 characters, relative, without dot segments. */
        public Builder rolloutSubdir(@Nullable String rolloutSubdir) {
            this.rolloutSubdir = rolloutSubdir;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public StorageRefresh build() {
            return new StorageRefresh(
                    Require.given("sessionId", sessionId), pvcPhase, sizeBytes, filesCount, sha256, rolloutSubdir);
        }
    }
}
