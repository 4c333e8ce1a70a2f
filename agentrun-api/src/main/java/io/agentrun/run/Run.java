package io.agentrun.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run as the store has it.
 *
 * <p>Immutable.
 *
 * @param id "run_…", given by the store
 * @param owner whose it is
 * @param spec what it works with
 * @param sessionId the session that it belongs to, or null
 * @param taskId the queue task that it is an attempt of, or null
 * @param status where it stands
 * @param outcome how it ended; given exactly once it has
 * @param claim who may write to it
 * @param claimLimit within which time it must be claimed; null for any, and once a turn of it was acknowledged
 * @param cancelRequest that somebody asked for its end, or null; it stays when the run has ended
 * @param idempotency the key that it was created with, or null
 * @param createdAt when it was created
 * @param updatedAt when its record last changed; events and heartbeats do not count
 * @param startedAt when a runner first claimed it, also if that one gave it back or was lost; null before, and in a run that was
 *     first claimed by a version that did not keep it
 * @param deadlines by when it must have begun and ended, or null for any time; its longest time is part of the end
 * @param openQuestions how many of its questions are open; 0 once it has ended
 * @param parkedEpoch the epoch that its last park began, 0 if it was never parked; as long as it is the present one, nobody has claimed the
 *     run since, and it counts towards no limit
 */
public record Run(
        String id,
        Owner owner,
        RunSpec spec,
        @Nullable String sessionId,
        @Nullable String taskId,
        RunStatus status,
        @Nullable Outcome outcome,
        RunClaim claim,
        @Nullable ClaimLimit claimLimit,
        @Nullable CancelRequest cancelRequest,
        @Nullable Idempotency idempotency,
        @AsText Instant createdAt,
        @AsText Instant updatedAt,
        @AsText @Nullable Instant startedAt,
        @Nullable Deadlines deadlines,
        int openQuestions,
        long parkedEpoch) {

    public Run {
        Texts.id("id", id);
        Require.given("owner", owner);
        Require.given("spec", spec);
        Texts.idOrNull("sessionId", sessionId);
        Texts.idOrNull("taskId", taskId);
        Require.given("status", status);
        Require.given("claim", claim);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
        startedAt = Times.microsOrNull(startedAt);
        Require.between("openQuestions", openQuestions, 0, Integer.MAX_VALUE);
        Require.between("parkedEpoch", parkedEpoch, 0, Long.MAX_VALUE);
    }

    /** Returns the epoch of the run; a fence of another one no longer holds. */
    public long epoch() {
        return claim.epoch();
    }

    /** Returns the lease of the runner that holds the run, if one does. */
    public Optional<Lease> lease() {
        return Optional.ofNullable(claim.lease());
    }

    /** Returns when the run ended, whoever ended it; null while it has not. It is in the JSON of a run too. */
    @JsonProperty(value = "endedAt", access = JsonProperty.Access.READ_ONLY)
    @AsText
    public @Nullable Instant endedAt() {
        // A run that has ended never changes again.
        return status.terminal() ? updatedAt : null;
    }

    /** Returns whether the run has ended. */
    @JsonIgnore
    public boolean isTerminal() {
        return status.terminal();
    }

    /** Returns a builder for a pending run that was never claimed; for authors of stores. */
    public static Builder builder(String id, Owner owner, RunSpec spec) {
        return new Builder(id, owner, spec);
    }

    /** Returns a builder that begins with the values of this run; for authors of stores. */
    public Builder toBuilder() {
        Builder builder = new Builder(id, owner, spec);
        builder.sessionId = sessionId;
        builder.taskId = taskId;
        builder.status = status;
        builder.outcome = outcome;
        builder.claim = claim;
        builder.claimLimit = claimLimit;
        builder.cancelRequest = cancelRequest;
        builder.idempotency = idempotency;
        builder.createdAt = createdAt;
        builder.updatedAt = updatedAt;
        builder.startedAt = startedAt;
        builder.deadlines = deadlines;
        builder.openQuestions = openQuestions;
        builder.parkedEpoch = parkedEpoch;
        return builder;
    }

    /** Builds a {@link Run}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final String id;
        private final Owner owner;
        private final RunSpec spec;
        private @Nullable String sessionId;
        private @Nullable String taskId;
        private RunStatus status = RunStatus.PENDING;
        private @Nullable Outcome outcome;
        private RunClaim claim = RunClaim.none(1);
        private @Nullable ClaimLimit claimLimit;
        private @Nullable CancelRequest cancelRequest;
        private @Nullable Idempotency idempotency;
        private @Nullable Instant createdAt;
        private @Nullable Instant updatedAt;
        private @Nullable Instant startedAt;
        private @Nullable Deadlines deadlines;
        private int openQuestions;
        private long parkedEpoch;

        private Builder(String id, Owner owner, RunSpec spec) {
            this.id = id;
            this.owner = owner;
            this.spec = spec;
        }

        /** Sets the session. */
        public Builder sessionId(@Nullable String value) {
            this.sessionId = value;
            return this;
        }

        /** Sets the queue task that this run is an attempt of. */
        public Builder taskId(@Nullable String value) {
            this.taskId = value;
            return this;
        }

        /** Sets where it stands; pending unless given. */
        public Builder status(RunStatus value) {
            this.status = value;
            return this;
        }

        /** Sets how it ended. */
        public Builder outcome(@Nullable Outcome value) {
            this.outcome = value;
            return this;
        }

        /** Sets who may write to it; never claimed and one attempt unless given. */
        public Builder claim(RunClaim value) {
            this.claim = value;
            return this;
        }

        /** Sets within which time it must be claimed; any unless given. */
        public Builder claimLimit(@Nullable ClaimLimit value) {
            this.claimLimit = value;
            return this;
        }

        /** Sets that its end was asked for. */
        public Builder cancelRequest(@Nullable CancelRequest value) {
            this.cancelRequest = value;
            return this;
        }

        /** Sets the key that it was created with. */
        public Builder idempotency(@Nullable Idempotency value) {
            this.idempotency = value;
            return this;
        }

        /** Sets when it was created; required. */
        public Builder createdAt(Instant value) {
            this.createdAt = value;
            return this;
        }

        /** Sets when it last changed; the time of creation unless given. */
        public Builder updatedAt(Instant value) {
            this.updatedAt = value;
            return this;
        }

        /** Sets when a runner first claimed it. */
        public Builder startedAt(@Nullable Instant value) {
            this.startedAt = value;
            return this;
        }

        /** Sets by when it must have begun and ended; any time unless given. */
        public Builder deadlines(@Nullable Deadlines value) {
            this.deadlines = value;
            return this;
        }

        /** Sets how many of its questions are open. */
        public Builder openQuestions(int value) {
            this.openQuestions = value;
            return this;
        }

        /** Sets the epoch that its last park began. */
        public Builder parkedEpoch(long value) {
            this.parkedEpoch = value;
            return this;
        }

        /**
         * Returns the run.
         *
         * @throws io.agentrun.error.InvalidInputException if a required value is missing or breaks its rule
         */
        public Run build() {
            Instant created = Require.given("createdAt", createdAt);
            return new Run(
                    id,
                    owner,
                    spec,
                    sessionId,
                    taskId,
                    status,
                    outcome,
                    claim,
                    claimLimit,
                    cancelRequest,
                    idempotency,
                    created,
                    updatedAt == null ? created : updatedAt,
                    startedAt,
                    deadlines,
                    openQuestions,
                    parkedEpoch);
        }
    }
}
