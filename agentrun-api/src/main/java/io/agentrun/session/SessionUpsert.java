package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.storage.KubernetesNames;
import org.jspecify.annotations.Nullable;

/**
 * What a host wants of a session. A null component leaves what is stored as it is; for a session that is new it means
 * none, empty, never and {@code sessions}.
 *
 * <p>Immutable.
 *
 * @param sessionId the session
 * @param owner who owns it; an existing session must be theirs already
 * @param backendProfile the backend; an existing session has it from now on
 * @param conversationId the host's id of the conversation
 * @param threadId the agent's id of the thread
 * @param title a line for people (1..500 characters); without one, a session that has none takes the {@code title} of
 *     the metadata given here
 * @param metadata the host's own data; replaces what is stored as a whole
 * @param expiry when its volume may be taken
 * @param rolloutSubdir the directory of the agent's session files: 1..200 characters, relative, without dot segments
 * @param expectedVersion the version that the session must have; 0 if it must not exist; null for any
 */
public record SessionUpsert(
        String sessionId,
        Owner owner,
        BackendProfile backendProfile,
        @Nullable String conversationId,
        @Nullable String threadId,
        @Nullable String title,
        @Nullable JsonObject metadata,
        @Nullable Expiry expiry,
        @Nullable String rolloutSubdir,
        @Nullable Long expectedVersion) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionUpsert {
        sessionId = Texts.id("sessionId", sessionId);
        owner = Require.given("owner", owner);
        backendProfile = Require.given("backendProfile", backendProfile);
        conversationId = Texts.idOrNull("conversationId", conversationId);
        threadId = Texts.idOrNull("threadId", threadId);
        title = title == null ? null : Texts.title("title", title);
        rolloutSubdir = rolloutSubdir == null ? null : KubernetesNames.relativePath("rolloutSubdir", rolloutSubdir);
        if (expectedVersion != null) {
            Require.between("expectedVersion", expectedVersion, 0, Long.MAX_VALUE);
        }
    }

    /** Tells the sizes of title and payload, not what they say. */
    @Override
    public String toString() {
        return "SessionUpsert[sessionId=" + sessionId + ", owner=" + owner + ", backendProfile=" + backendProfile
                + ", conversationId=" + conversationId + ", threadId=" + threadId + ", title=" + Texts.size(title)
                + ", metadata=" + metadata + ", expiry=" + expiry + ", rolloutSubdir=" + rolloutSubdir
                + ", expectedVersion=" + expectedVersion + "]";
    }

    /** Returns a builder that leaves everything as it is. */
    public static Builder builder(String sessionId, Owner owner, BackendProfile backendProfile) {
        Builder builder = new Builder();
        builder.sessionId = sessionId;
        builder.owner = owner;
        builder.backendProfile = backendProfile;
        return builder;
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.sessionId = sessionId;
        builder.owner = owner;
        builder.backendProfile = backendProfile;
        builder.conversationId = conversationId;
        builder.threadId = threadId;
        builder.title = title;
        builder.metadata = metadata;
        builder.expiry = expiry;
        builder.rolloutSubdir = rolloutSubdir;
        builder.expectedVersion = expectedVersion;
        return builder;
    }

    /**
     * Collects the components of a {@link SessionUpsert}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String sessionId;
        private @Nullable Owner owner;
        private @Nullable BackendProfile backendProfile;
        private @Nullable String conversationId;
        private @Nullable String threadId;
        private @Nullable String title;
        private @Nullable JsonObject metadata;
        private @Nullable Expiry expiry;
        private @Nullable String rolloutSubdir;
        private @Nullable Long expectedVersion;

        private Builder() {}

        /** Sets the session. */
        public Builder sessionId(String sessionId) {
            this.sessionId = sessionId;
            return this;
        }

        /** Sets who owns it; an existing session must be theirs already. */
        public Builder owner(Owner owner) {
            this.owner = owner;
            return this;
        }

        /** Sets the backend; an existing session has it from now on. */
        public Builder backendProfile(BackendProfile backendProfile) {
            this.backendProfile = backendProfile;
            return this;
        }

        /** Sets the host's id of the conversation. */
        public Builder conversationId(@Nullable String conversationId) {
            this.conversationId = conversationId;
            return this;
        }

        /** Sets the agent's id of the thread. */
        public Builder threadId(@Nullable String threadId) {
            this.threadId = threadId;
            return this;
        }

        /** Sets a line for people (1..500 characters). */
        public Builder title(@Nullable String title) {
            this.title = title;
            return this;
        }

        /** Sets the host's own data; replaces what is stored as a whole. */
        public Builder metadata(@Nullable JsonObject metadata) {
            this.metadata = metadata;
            return this;
        }

        /** Sets when its volume may be taken. */
        public Builder expiry(@Nullable Expiry expiry) {
            this.expiry = expiry;
            return this;
        }

        /** Sets the directory of the agent's session files: 1..200 characters, relative, without dot segments. */
        public Builder rolloutSubdir(@Nullable String rolloutSubdir) {
            this.rolloutSubdir = rolloutSubdir;
            return this;
        }

        /** Sets the version that the session must have; 0 if it must not exist. */
        public Builder expectedVersion(@Nullable Long expectedVersion) {
            this.expectedVersion = expectedVersion;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public SessionUpsert build() {
            return new SessionUpsert(
                    Require.given("sessionId", sessionId),
                    Require.given("owner", owner),
                    Require.given("backendProfile", backendProfile),
                    conversationId,
                    threadId,
                    title,
                    metadata,
                    expiry,
                    rolloutSubdir,
                    expectedVersion);
        }
    }
}
