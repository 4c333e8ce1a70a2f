package io.agentrun.rules;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What changes of a run in its life: its narrow row. The owner, the specification, the key and the time of creation stay
 * in the {@link Run}, and no rule reads them after the run is created.
 *
 * <p>Immutable.
 *
 * @param sessionId the session that the run belongs to, or null; never changes
 * @param taskId the queue task that the run is an attempt of, or null; never changes
 * @param startedAt when a runner first claimed the run, or null
 * @param guard what tells the fence that holds in the present epoch
 * @param deadlines by when it must have begun and ended; they never change
 * @param openQuestions how many of the run's questions are open, so that the end of a run without any looks for none
 * @param parkedEpoch the epoch that its last park began; 0 if it was never parked
 */
public record RunHead(
        String id,
        @Nullable String sessionId,
        @Nullable String taskId,
        RunStatus status,
        @Nullable Outcome outcome,
        RunClaim claim,
        @Nullable ClaimLimit claimLimit,
        @Nullable CancelRequest cancelRequest,
        Instant updatedAt,
        @Nullable Instant startedAt,
        RunGuard guard,
        @Nullable Deadlines deadlines,
        int openQuestions,
        long parkedEpoch) {

    /**
     * Checks that nothing is missing; the texts were checked when the run was created.
     *
     * @throws io.agentrun.error.InvalidInputException if a required component is missing
     */
    public RunHead {
        Require.given("id", id);
        Require.given("status", status);
        Require.given("claim", claim);
        Require.given("guard", guard);
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
    }

    /** Returns the head of a run that nobody holds, or whose holder does not matter: no fence holds on it. */
    public static RunHead of(Run run) {
        return of(run, RunGuard.NONE);
    }

    /** Returns the head of the run, with what its store keeps beside it. */
    public static RunHead of(Run run, RunGuard guard) {
        return new RunHead(
                run.id(),
                run.sessionId(),
                run.taskId(),
                run.status(),
                run.outcome(),
                run.claim(),
                run.claimLimit(),
                run.cancelRequest(),
                run.updatedAt(),
                run.startedAt(),
                guard,
                run.deadlines(),
                run.openQuestions(),
                run.parkedEpoch());
    }

    /**
     * Returns the run in the state of this head; the guard is not part of it.
     *
     * @param run any earlier or later state of the same run
     * @throws IllegalArgumentException if it is another run
     */
    public Run applyTo(Run run) {
        if (!run.id().equals(id)) {
            throw new IllegalArgumentException("the head of run " + id + " does not fit run " + run.id());
        }
        return run.toBuilder()
                .status(status)
                .outcome(outcome)
                .claim(claim)
                .claimLimit(claimLimit)
                .cancelRequest(cancelRequest)
                .updatedAt(updatedAt)
                .startedAt(startedAt)
                .openQuestions(openQuestions)
                .parkedEpoch(parkedEpoch)
                .build();
    }

    /** Returns the epoch of the run; a fence of another one no longer holds. */
    public long epoch() {
        return claim.epoch();
    }

    /** Returns the lease of the runner that holds the run, if one does. */
    public Optional<Lease> lease() {
        return Optional.ofNullable(claim.lease());
    }

    /** Returns whether the run has ended. */
    public boolean isTerminal() {
        return status.terminal();
    }

    /** Returns whether it was parked and nobody has claimed it since, so that it has no slot of a limit. */
    public boolean slotless() {
        return parkedEpoch > 0 && parkedEpoch == epoch();
    }

    /** Returns the same head with so many open questions; its time of change stays, as with events. */
    public RunHead withOpenQuestions(int value) {
        return toBuilder().openQuestions(value).build();
    }

    /** Returns a builder that begins with this head. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds the next state of a {@link RunHead}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final RunHead from;
        private RunStatus status;
        private @Nullable Outcome outcome;
        private RunClaim claim;
        private @Nullable ClaimLimit claimLimit;
        private @Nullable CancelRequest cancelRequest;
        private Instant updatedAt;
        private @Nullable Instant startedAt;
        private RunGuard guard;
        private int openQuestions;
        private long parkedEpoch;

        private Builder(RunHead from) {
            this.from = from;
            this.status = from.status;
            this.outcome = from.outcome;
            this.claim = from.claim;
            this.claimLimit = from.claimLimit;
            this.cancelRequest = from.cancelRequest;
            this.updatedAt = from.updatedAt;
            this.startedAt = from.startedAt;
            this.guard = from.guard;
            this.openQuestions = from.openQuestions;
            this.parkedEpoch = from.parkedEpoch;
        }

        /** Sets the status. */
        public Builder status(RunStatus value) {
            this.status = value;
            return this;
        }

        /** Sets how the run ended. */
        public Builder outcome(@Nullable Outcome value) {
            this.outcome = value;
            return this;
        }

        /** Sets who may write to the run, in the same epoch. */
        public Builder claim(RunClaim value) {
            this.claim = value;
            return this;
        }

        /** Begins an epoch: who may write to the run, and by which token. */
        public Builder epoch(RunClaim value, RunGuard itsGuard) {
            this.claim = value;
            this.guard = itsGuard;
            return this;
        }

        /** Sets within which time the run must be claimed. */
        public Builder claimLimit(@Nullable ClaimLimit value) {
            this.claimLimit = value;
            return this;
        }

        /** Sets that the end of the run was asked for. */
        public Builder cancelRequest(@Nullable CancelRequest value) {
            this.cancelRequest = value;
            return this;
        }

        /** Sets when the run last changed. */
        public Builder updatedAt(Instant value) {
            this.updatedAt = value;
            return this;
        }

        /** Sets when a runner first claimed the run. */
        public Builder startedAt(@Nullable Instant value) {
            this.startedAt = value;
            return this;
        }

        /** Sets how many questions are open. */
        public Builder openQuestions(int value) {
            this.openQuestions = value;
            return this;
        }

        /** Sets that the present epoch began with a park. */
        public Builder parked() {
            this.parkedEpoch = claim.epoch();
            return this;
        }

        /** Returns the head. */
        public RunHead build() {
            return new RunHead(
                    from.id,
                    from.sessionId,
                    from.taskId,
                    status,
                    outcome,
                    claim,
                    claimLimit,
                    cancelRequest,
                    updatedAt,
                    startedAt,
                    guard,
                    from.deadlines,
                    openQuestions,
                    parkedEpoch);
        }
    }
}
