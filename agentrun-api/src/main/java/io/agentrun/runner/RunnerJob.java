package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The record that a cluster Job was started for a command of a run. It is the host's memory: whether the Job still
 * exists only the cluster knows.
 *
 * <p>Immutable.
 *
 * @param id the store's id, with the prefix {@code rjob_}
 * @param runId the run that the Job executes
 * @param commandId the command, of that run, that it was started for
 * @param attemptId the host's name of this attempt
 * @param runnerId the id that the runner in the Job will claim with
 * @param placement where the Job is and what it runs
 * @param result what the host keeps beside it, for example the cluster's answer
 * @param idempotency the key that it was saved under, with the hash of its content
 * @param createdAt when it was saved
 * @param updatedAt when it was changed last
 */
public record RunnerJob(
        String id,
        String runId,
        String commandId,
        String attemptId,
        String runnerId,
        JobPlacement placement,
        JsonObject result,
        @Nullable Idempotency idempotency,
        @AsText Instant createdAt,
        @AsText Instant updatedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public RunnerJob {
        id = Require.given("id", id);
        runId = Require.given("runId", runId);
        commandId = Require.given("commandId", commandId);
        attemptId = Require.given("attemptId", attemptId);
        runnerId = Require.given("runnerId", runnerId);
        placement = Require.given("placement", placement);
        result = Require.given("result", result);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.id = id;
        builder.runId = runId;
        builder.commandId = commandId;
        builder.attemptId = attemptId;
        builder.runnerId = runnerId;
        builder.placement = placement;
        builder.result = result;
        builder.idempotency = idempotency;
        builder.createdAt = createdAt;
        builder.updatedAt = updatedAt;
        return builder;
    }

    /**
     * Collects the components of a {@link RunnerJob}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable String id;
        private @Nullable String runId;
        private @Nullable String commandId;
        private @Nullable String attemptId;
        private @Nullable String runnerId;
        private @Nullable JobPlacement placement;
        private @Nullable JsonObject result;
        private @Nullable Idempotency idempotency;
        private @Nullable Instant createdAt;
        private @Nullable Instant updatedAt;

        private Builder() {}

        /** Sets the store's id, with the prefix {@code rjob_}. */
        public Builder id(String id) {
            this.id = id;
            return this;
        }

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

        /** Sets the key that it was saved under, with the hash of its content. */
        public Builder idempotency(@Nullable Idempotency idempotency) {
            this.idempotency = idempotency;
            return this;
        }

        /** Sets when it was saved. */
        public Builder createdAt(Instant createdAt) {
            this.createdAt = createdAt;
            return this;
        }

        /** Sets when it was changed last. */
        public Builder updatedAt(Instant updatedAt) {
            this.updatedAt = updatedAt;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public RunnerJob build() {
            return new RunnerJob(
                    Require.given("id", id),
                    Require.given("runId", runId),
                    Require.given("commandId", commandId),
                    Require.given("attemptId", attemptId),
                    Require.given("runnerId", runnerId),
                    Require.given("placement", placement),
                    Require.given("result", result),
                    idempotency,
                    Require.given("createdAt", createdAt),
                    Require.given("updatedAt", updatedAt));
        }
    }
}
