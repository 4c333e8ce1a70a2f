package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of a session's volume.
 *
 * <p>Immutable.
 *
 * @param state where the volume stands
 * @param generation which volume of the session this is: 0 when there was none, and one more with each
 *     {@link io.agentrun.StorageStore#provision}
 * @param pvc the volume claim; kept after its eviction, null when there was none
 * @param contents what is on it
 * @param updatedAt when anything of this was changed last
 * @param evictedAt when the last eviction was confirmed
 */
public record SessionStorage(
        StorageState state,
        long generation,
        @Nullable PvcRef pvc,
        StorageContents contents,
        @AsText @Nullable Instant updatedAt,
        @AsText @Nullable Instant evictedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionStorage {
        state = Require.given("state", state);
        contents = Require.given("contents", contents);
        updatedAt = Times.microsOrNull(updatedAt);
        evictedAt = Times.microsOrNull(evictedAt);
    }

    /** Returns the storage of a session that never had a volume. */
    public static SessionStorage none() {
        return new SessionStorage(StorageState.NONE, 0, null, StorageContents.unknown(), null, null);
    }

    /** Returns the kind that goes with the state. */
    public StorageKind kind() {
        return state.kind();
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.state = state;
        builder.generation = generation;
        builder.pvc = pvc;
        builder.contents = contents;
        builder.updatedAt = updatedAt;
        builder.evictedAt = evictedAt;
        return builder;
    }

    /**
     * Collects the components of a {@link SessionStorage}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable StorageState state;
        private long generation;
        private @Nullable PvcRef pvc;
        private @Nullable StorageContents contents;
        private @Nullable Instant updatedAt;
        private @Nullable Instant evictedAt;

        private Builder() {}

        /** Sets where the volume stands. */
        public Builder state(StorageState state) {
            this.state = state;
            return this;
        }

        /**
         * Sets which volume of the session this is: 0 when there was none, and one more with each
         * {@link io.agentrun.StorageStore#provision}.
         */
        public Builder generation(long generation) {
            this.generation = generation;
            return this;
        }

        /** Sets the volume claim; kept after its eviction, null when there was none. */
        public Builder pvc(@Nullable PvcRef pvc) {
            this.pvc = pvc;
            return this;
        }

        /** Sets what is on it. */
        public Builder contents(StorageContents contents) {
            this.contents = contents;
            return this;
        }

        /** Sets when anything of this was changed last. */
        public Builder updatedAt(@Nullable Instant updatedAt) {
            this.updatedAt = updatedAt;
            return this;
        }

        /** Sets when the last eviction was confirmed. */
        public Builder evictedAt(@Nullable Instant evictedAt) {
            this.evictedAt = evictedAt;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public SessionStorage build() {
            return new SessionStorage(
                    Require.given("state", state),
                    generation,
                    pvc,
                    Require.given("contents", contents),
                    updatedAt,
                    evictedAt);
        }
    }
}
