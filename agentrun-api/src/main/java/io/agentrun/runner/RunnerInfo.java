package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import org.jspecify.annotations.Nullable;

/**
 * What a runner says about itself. Everything but the metadata may be unknown.
 *
 * <p>Immutable.
 *
 * @param runId the run that it was started for; not checked against the stored runs
 * @param attemptId the attempt that it was started for
 * @param backendProfile the backend that it serves
 * @param placement where it runs, in the host's words (1..200 characters)
 * @param sourceCommit the commit that it was built from (1..200 characters)
 * @param metadata anything else; redacted before it is stored
 */
public record RunnerInfo(
        @Nullable String runId,
        @Nullable String attemptId,
        @Nullable BackendProfile backendProfile,
        @Nullable String placement,
        @Nullable String sourceCommit,
        JsonObject metadata) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public RunnerInfo {
        runId = Texts.idOrNull("runId", runId);
        attemptId = Texts.idOrNull("attemptId", attemptId);
        placement = Texts.labelOrNull("placement", placement);
        sourceCommit = Texts.labelOrNull("sourceCommit", sourceCommit);
        metadata = Require.given("metadata", metadata);
    }

    /** Returns the description of a runner of which nothing is known. */
    public static RunnerInfo unknown() {
        return new RunnerInfo(null, null, null, null, null, JsonObject.empty());
    }

    /** Returns a builder with nothing set; the metadata are empty unless given. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.runId = runId;
        builder.attemptId = attemptId;
        builder.backendProfile = backendProfile;
        builder.placement = placement;
        builder.sourceCommit = sourceCommit;
        builder.metadata = metadata;
        return builder;
    }

    /**
     * Collects the components of a {@link RunnerInfo}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String runId;
        private @Nullable String attemptId;
        private @Nullable BackendProfile backendProfile;
        private @Nullable String placement;
        private @Nullable String sourceCommit;
        private JsonObject metadata = JsonObject.empty();

        private Builder() {}

        /** Sets the run that it was started for; not checked against the stored runs. */
        public Builder runId(@Nullable String runId) {
            this.runId = runId;
            return this;
        }

        /** Sets the attempt that it was started for. */
        public Builder attemptId(@Nullable String attemptId) {
            this.attemptId = attemptId;
            return this;
        }

        /** Sets the backend that it serves. */
        public Builder backendProfile(@Nullable BackendProfile backendProfile) {
            this.backendProfile = backendProfile;
            return this;
        }

        /** Sets where it runs, in the host's words (1..200 characters). */
        public Builder placement(@Nullable String placement) {
            this.placement = placement;
            return this;
        }

        /** Sets the commit that it was built from (1..200 characters). */
        public Builder sourceCommit(@Nullable String sourceCommit) {
            this.sourceCommit = sourceCommit;
            return this;
        }

        /** Sets anything else; redacted before it is stored. */
        public Builder metadata(JsonObject metadata) {
            this.metadata = metadata;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public RunnerInfo build() {
            return new RunnerInfo(runId, attemptId, backendProfile, placement, sourceCommit, metadata);
        }
    }
}
