package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.storage.SessionStorage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with an agent, across runs. Its owner never changes.
 *
 * <p>Immutable.
 *
 * @param id the host's id of it
 * @param owner the tenant and project that it belongs to, for ever
 * @param backendProfile the backend that it talks to; an upsert may change it
 * @param thread the conversation that it goes on with
 * @param title a line for people; unless it was set, the {@code title} of its metadata or the beginning of the first
 *     turn's prompt
 * @param metadata the host's own data
 * @param activity what it does and did last
 * @param storage its volume
 * @param expiresAt from when on a collector may take its volume, null for never; refuses nothing by itself
 * @param version the number of its last visible change, from one sequence for all sessions: larger means later
 * @param createdAt when it was created
 * @param updatedAt when its version was raised last
 */
public record Session(
        String id,
        Owner owner,
        BackendProfile backendProfile,
        SessionThread thread,
        @Nullable String title,
        JsonObject metadata,
        SessionActivity activity,
        SessionStorage storage,
        @AsText @Nullable Instant expiresAt,
        long version,
        @AsText Instant createdAt,
        @AsText Instant updatedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Session {
        id = Require.given("id", id);
        owner = Require.given("owner", owner);
        backendProfile = Require.given("backendProfile", backendProfile);
        thread = Require.given("thread", thread);
        metadata = Require.given("metadata", metadata);
        activity = Require.given("activity", activity);
        storage = Require.given("storage", storage);
        expiresAt = Times.microsOrNull(expiresAt);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
    }

    /** Tells the sizes of title and payload, not what they say. */
    @Override
    public String toString() {
        return "Session[id=" + id + ", owner=" + owner + ", backendProfile=" + backendProfile + ", thread=" + thread
                + ", title=" + Texts.size(title) + ", metadata=" + metadata + ", activity=" + activity + ", storage="
                + storage + ", expiresAt=" + expiresAt + ", version=" + version + ", createdAt=" + createdAt
                + ", updatedAt=" + updatedAt + "]";
    }

    /**
     * Returns a builder of a session without thread, metadata, activity and volume, that never expires. Audience: store
     * authors; hosts use {@link io.agentrun.SessionStore#upsert}.
     */
    public static Builder builder(String id, Owner owner, BackendProfile backendProfile) {
        Builder builder = new Builder();
        builder.id = id;
        builder.owner = owner;
        builder.backendProfile = backendProfile;
        return builder;
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.id = id;
        builder.owner = owner;
        builder.backendProfile = backendProfile;
        builder.thread = thread;
        builder.title = title;
        builder.metadata = metadata;
        builder.activity = activity;
        builder.storage = storage;
        builder.expiresAt = expiresAt;
        builder.version = version;
        builder.createdAt = createdAt;
        builder.updatedAt = updatedAt;
        return builder;
    }

    /**
     * Collects the components of a {@link Session}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String id;
        private @Nullable Owner owner;
        private @Nullable BackendProfile backendProfile;
        private SessionThread thread = SessionThread.none();
        private @Nullable String title;
        private JsonObject metadata = JsonObject.empty();
        private SessionActivity activity = SessionActivity.idle();
        private SessionStorage storage = SessionStorage.none();
        private @Nullable Instant expiresAt;
        private long version;
        private @Nullable Instant createdAt;
        private @Nullable Instant updatedAt;

        private Builder() {}

        /** Sets the host's id of it. */
        public Builder id(String id) {
            this.id = id;
            return this;
        }

        /** Sets the tenant and project that it belongs to, for ever. */
        public Builder owner(Owner owner) {
            this.owner = owner;
            return this;
        }

        /** Sets the backend that it talks to. */
        public Builder backendProfile(BackendProfile backendProfile) {
            this.backendProfile = backendProfile;
            return this;
        }

        /** Sets the conversation that it goes on with. */
        public Builder thread(SessionThread thread) {
            this.thread = thread;
            return this;
        }

        /** Sets a line for people; none unless given. */
        public Builder title(@Nullable String title) {
            this.title = title;
            return this;
        }

        /** Sets the host's own data. */
        public Builder metadata(JsonObject metadata) {
            this.metadata = metadata;
            return this;
        }

        /** Sets what it does and did last. */
        public Builder activity(SessionActivity activity) {
            this.activity = activity;
            return this;
        }

        /** Sets its volume. */
        public Builder storage(SessionStorage storage) {
            this.storage = storage;
            return this;
        }

        /** Sets from when on a collector may take its volume, null for never; refuses nothing by itself. */
        public Builder expiresAt(@Nullable Instant expiresAt) {
            this.expiresAt = expiresAt;
            return this;
        }

        /** Sets the number of its last visible change, from one sequence for all sessions: larger means later. */
        public Builder version(long version) {
            this.version = version;
            return this;
        }

        /** Sets when it was created. */
        public Builder createdAt(Instant createdAt) {
            this.createdAt = createdAt;
            return this;
        }

        /** Sets when its version was raised last. */
        public Builder updatedAt(Instant updatedAt) {
            this.updatedAt = updatedAt;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public Session build() {
            return new Session(
                    Require.given("id", id),
                    Require.given("owner", owner),
                    Require.given("backendProfile", backendProfile),
                    thread,
                    title,
                    metadata,
                    activity,
                    storage,
                    expiresAt,
                    version,
                    Require.given("createdAt", createdAt),
                    Require.given("updatedAt", updatedAt));
        }
    }
}
