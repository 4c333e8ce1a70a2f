package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Job that was started, to be remembered by {@link io.agentrun.RunnerStore#saveJob}.
 *
 * <p>Immutable.
 *
 * @param runId the run that the Job executes
 * @param commandId the command, of that run, that it was started for
 * @param attemptId the host's name of this attempt
 * @param runnerId the id that the runner in the Job will claim with
 * @param placement where the Job is and what it runs
 * @param result what the host keeps beside it, for example the cluster's answer
 * @param idempotencyKey a key, per run, under which a repeated save finds the first record (1..255 characters)
 */
public record NewRunnerJob(
        String runId,
        String commandId,
        String attemptId,
        String runnerId,
        JobPlacement placement,
        JsonObject result,
        @Nullable String idempotencyKey) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public NewRunnerJob {
        runId = Texts.id("runId", runId);
        commandId = Texts.id("commandId", commandId);
        attemptId = Texts.id("attemptId", attemptId);
        runnerId = Texts.id("runnerId", runnerId);
        placement = Require.given("placement", placement);
        result = Require.given("result", result);
        idempotencyKey = Texts.keyOrNull("idempotencyKey", idempotencyKey);
    }

    /** Returns a builder; the result is empty and there is no idempotency key unless given. */
    public static Builder builder(String runId, String commandId) {
        Builder builder = new Builder();
        builder.runId = runId;
        builder.commandId = commandId;
        return builder;
    }

    /** Returns the hash of everything that is stored of this input, the key aside: equal for equal content. */
    public String contentHash() {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("type", "runner-job");
        content.put("runId", runId);
        content.put("commandId", commandId);
        content.put("attemptId", attemptId);
        content.put("runnerId", runnerId);
        content.put("namespace", placement.namespace());
        content.put("jobName", placement.jobName());
        content.put("managerUrl", placement.managerUrl());
        content.put("image", placement.image());
        content.put("sourceCommit", placement.sourceCommit());
        if (placement.serviceAccountName() != null) {
            content.put("serviceAccountName", placement.serviceAccountName());
        }
        content.put("result", ContentHash.of(result));
        return ContentHash.of(JsonObject.from(content));
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.runId = runId;
        builder.commandId = commandId;
        builder.attemptId = attemptId;
        builder.runnerId = runnerId;
        builder.placement = placement;
        builder.result = result;
        builder.idempotencyKey = idempotencyKey;
        return builder;
    }

    /**
     * Collects the components of a {@link NewRunnerJob}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String runId;
        private @Nullable String commandId;
        private @Nullable String attemptId;
        private @Nullable String runnerId;
        private @Nullable JobPlacement placement;
        private JsonObject result = JsonObject.empty();
        private @Nullable String idempotencyKey;

        private Builder() {}

        /** Sets the run that the Job executes. */
        public Builder runId(String runId) {
            this.runId = runId;
            return this;
        }

        /** Sets the command, of that run, that it was started for. */
        public Builder commandId(String commandId) {
            this.commandId = commandId;
            return this;
        }

        /** Sets the host's name of this attempt. */
        public Builder attemptId(String attemptId) {
            this.attemptId = attemptId;
            return this;
        }

        /** Sets the id that the runner in the Job will claim with. */
        public Builder runnerId(String runnerId) {
            this.runnerId = runnerId;
            return this;
        }

        /** Sets where the Job is and what it runs. */
        public Builder placement(JobPlacement placement) {
            this.placement = placement;
            return this;
        }

        /** Sets what the host keeps beside it, for example the cluster's answer. */
        public Builder result(JsonObject result) {
            this.result = result;
            return this;
        }

        /** Sets a key, per run, under which a repeated save finds the first record (1..255 characters). */
        public Builder idempotencyKey(@Nullable String idempotencyKey) {
            this.idempotencyKey = idempotencyKey;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public NewRunnerJob build() {
            return new NewRunnerJob(
                    Require.given("runId", runId),
                    Require.given("commandId", commandId),
                    Require.given("attemptId", attemptId),
                    Require.given("runnerId", runnerId),
                    Require.given("placement", placement),
                    result,
                    idempotencyKey);
        }
    }
}
