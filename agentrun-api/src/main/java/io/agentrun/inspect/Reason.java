package io.agentrun.inspect;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.FailureKind;
import io.agentrun.json.AsText;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.storage.StorageState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one condition that holds a record where it is. In JSON the kind of the reason stands beside its components, as {@code kind}.
 * <p>Immutable. Every text has one line and shows ids and states, never what a host, an agent or a person said.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Reason.Ended.class, name = "ended"),
    @JsonSubTypes.Type(value = Reason.Overdue.class, name = "overdue"),
    @JsonSubTypes.Type(value = Reason.Delayed.class, name = "delayed"),
    @JsonSubTypes.Type(value = Reason.BehindTurn.class, name = "behind-turn"),
    @JsonSubTypes.Type(value = Reason.LimitFull.class, name = "limit-full"),
    @JsonSubTypes.Type(value = Reason.Due.class, name = "due"),
    @JsonSubTypes.Type(value = Reason.Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = Reason.Unclaimed.class, name = "unclaimed"),
    @JsonSubTypes.Type(value = Reason.Parked.class, name = "parked"),
    @JsonSubTypes.Type(value = Reason.Held.class, name = "held"),
    @JsonSubTypes.Type(value = Reason.LeaseOver.class, name = "lease-over"),
    @JsonSubTypes.Type(value = Reason.Reported.class, name = "reported"),
    @JsonSubTypes.Type(value = Reason.Idle.class, name = "idle"),
    @JsonSubTypes.Type(value = Reason.VolumeGone.class, name = "volume-gone"),
    @JsonSubTypes.Type(value = Reason.With.class, name = "with")
})
public sealed interface Reason {

    /** Returns what moves the record next. */
    NextStep next();

    /** Returns the reason as a clause, such as {@code it is due in the queue "fixes" and no worker has taken it}. */
    String text();

    /** It has ended. The outcome says how; it is null for a command whose adopted record does not say. */
    record Ended(@Nullable Outcome outcome) implements Reason {
        @Override
        public NextStep next() {
            return NextStep.NONE;
        }

        @Override
        public String text() {
            FailureKind kind = outcome == null ? null : outcome.failureKind();
            String how = outcome == null ? "" : ": " + outcome.status().wire();
            return "it has ended" + how + (kind == null ? "" : " (" + kind.wire() + ")");
        }
    }

    /** A pending task is not dispatched any more, because a deadline of it is over since then. */
    record Overdue(@AsText Instant since) implements Reason {
        @Override
        public NextStep next() {
            return NextStep.UPKEEP;
        }

        @Override
        public String text() {
            return "its deadline is over since " + since;
        }
    }

    /**
     * A task waits for its time: it was created with a delay, or an attempt has failed and the next one is due later.
     *
     * @param until when it is due
     */
    record Delayed(@AsText Instant until) implements Reason {

        /**
         * Checks that the time is given.
         *
         * @throws io.agentrun.error.InvalidInputException if it is null
         */
        public Delayed {
            until = Times.micros(Require.given("until", until));
        }

        @Override
        public NextStep next() {
            return NextStep.TIME;
        }

        @Override
        public String text() {
            return "it is not due before " + until;
        }
    }

    /**
     * It waits behind the active turn of its session, or behind an earlier turn of its run. There may be more turns in between.
     *
     * @param runId the run of the turn that must end first
     * @param commandId that turn
     */
    record BehindTurn(String runId, String commandId) implements Reason {

        /**
         * Checks the ids.
         *
         * @throws io.agentrun.error.InvalidInputException if one breaks the rule for ids
         */
        public BehindTurn {
            Texts.id("runId", runId);
            Texts.id("commandId", commandId);
        }

        @Override
        public NextStep next() {
            return NextStep.TURN_END;
        }

        @Override
        public String text() {
            return "it waits for the end of the turn " + commandId + " of run " + runId;
        }
    }

    /** A task is due, or a run of one that was parked would go on, and a limit that counts it is full for this value. */
    record LimitFull(Limit limit, LimitKey value) implements Reason {
        @Override
        public NextStep next() {
            return NextStep.LIMIT;
        }

        @Override
        public String text() {
            return "the limit of " + limit.text() + " for " + value.text() + " is full";
        }
    }

    /**
     * A task is due, and nobody has taken it. Whoever serves its queue takes others first, or nobody serves it.
     *
     * @param queue its queue
     * @param profile the backend that it needs
     */
    record Due(String queue, BackendProfile profile) implements Reason {

        /**
         * Checks that both are given.
         *
         * @throws io.agentrun.error.InvalidInputException if one is null
         */
        public Due {
            Require.given("queue", queue);
            Require.given("profile", profile);
        }

        @Override
        public NextStep next() {
            return NextStep.DISPATCH;
        }

        @Override
        public String text() {
            return "it is due in the queue \"" + queue + "\", and no worker for " + profile.wire() + " has taken it";
        }
    }

    /**
     * A task is due, but its session will not have it: the next dispatch blocks the task.
     *
     * @param sessionId the session
     * @param failureKind what the task's outcome will say
     */
    record Refused(String sessionId, FailureKind failureKind) implements Reason {

        /**
         * Checks that both are given.
         *
         * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, or the kind is null
         */
        public Refused {
            Texts.id("sessionId", sessionId);
            Require.given("failureKind", failureKind);
        }

        @Override
        public NextStep next() {
            return NextStep.DISPATCH;
        }

        @Override
        public String text() {
            return "its session " + sessionId + " refuses it (" + failureKind.wire() + "): its dispatch will block it";
        }
    }

    /**
     * A run waits for a runner.
     *
     * @param profile the backend that the runner must be for
     * @param providerId the provider of the model
     * @param until when it ends if nobody has claimed it; null if it waits without limit
     */
    record Unclaimed(
            BackendProfile profile,
            String providerId,
            @AsText @Nullable Instant until) implements Reason {

        /**
         * Checks that profile and provider are given.
         *
         * @throws io.agentrun.error.InvalidInputException if one of them is null
         */
        public Unclaimed {
            Require.given("profile", profile);
            Require.given("providerId", providerId);
            until = Times.microsOrNull(until);
        }

        @Override
        public NextStep next() {
            return NextStep.CLAIM;
        }

        @Override
        public String text() {
            String unclaimed = "no runner for " + profile.wire() + " has claimed it";
            return until == null ? unclaimed : unclaimed + ", and it ends at " + until + " if none does";
        }
    }

    /**
     * A run was parked and waits for answers.
     *
     * @param questionIds the questions that have not ended; at least one
     */
    record Parked(List<String> questionIds) implements Reason {

        /**
         * Checks and copies the ids.
         *
         * @throws io.agentrun.error.InvalidInputException if one breaks the rule for ids
         */
        public Parked {
            questionIds = Require.items("questionIds", questionIds);
            questionIds.forEach(id -> Texts.id("questionIds", id));
        }

        @Override
        public NextStep next() {
            return NextStep.ANSWER;
        }

        @Override
        public String text() {
            return questionIds.size() == 1
                    ? "it is parked until the question " + questionIds.get(0) + " has ended"
                    : "it is parked until these questions have ended: " + String.join(", ", questionIds);
        }
    }

    /**
     * A runner holds the run.
     *
     * @param runnerId who
     * @param until when the lease runs out unless it is extended
     * @param cancel that the end was asked for, and the runner has not obeyed yet; null if it was not
     */
    record Held(
            String runnerId,
            @AsText Instant until,
            @Nullable CancelRequest cancel) implements Reason {

        /**
         * Checks runner and time.
         *
         * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, or the time is null
         */
        public Held {
            Texts.id("runnerId", runnerId);
            until = Times.micros(Require.given("until", until));
        }

        @Override
        public NextStep next() {
            return NextStep.RUNNER;
        }

        @Override
        public String text() {
            String held = "the runner " + runnerId + " holds it until " + until;
            return cancel == null ? held : held + ", and was asked to cancel at " + cancel.requestedAt();
        }
    }

    /**
     * The lease of the runner has run out, and nobody has recovered the run.
     *
     * @param runnerId who held it
     * @param expiredAt since when the lease is over
     * @param recovery what a recovery does with the run, as it is now
     */
    record LeaseOver(String runnerId, @AsText Instant expiredAt, RecoveryOutcome recovery) implements Reason {

        /**
         * Checks that all are given.
         *
         * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, or another one is null
         */
        public LeaseOver {
            Texts.id("runnerId", runnerId);
            expiredAt = Times.micros(Require.given("expiredAt", expiredAt));
            Require.given("recovery", recovery);
        }

        @Override
        public NextStep next() {
            return NextStep.RECOVERY;
        }

        @Override
        public String text() {
            String over = "the lease of the runner " + runnerId + " ran out at " + expiredAt;
            return switch (recovery) {
                case REQUEUED -> over + "; a recovery gives it to another runner";
                case FAILED -> over + "; a recovery ends it as failed";
                case CANCELLED -> over + "; a recovery cancels it";
                case NOT_NEEDED, PASSED_OVER, UNCLAIMED -> over;
            };
        }
    }

    /**
     * A host runs the attempt itself and has not reported its end.
     *
     * @param attemptId the host's name of the attempt; null for a task whose adopted record, or whose missing run, does not say
     * @param cancel that the end was asked for; null if it was not
     */
    record Reported(@Nullable String attemptId, @Nullable CancelRequest cancel) implements Reason {
        @Override
        public NextStep next() {
            return NextStep.REPORT;
        }

        @Override
        public String text() {
            String told = "the host that began the attempt" + (attemptId == null ? "" : " " + attemptId)
                    + " has not reported its end";
            return cancel == null ? told : told + ", and was asked to cancel at " + cancel.requestedAt();
        }
    }

    /** A session has no open turn, and takes one. */
    record Idle() implements Reason {
        @Override
        public NextStep next() {
            return NextStep.NEW_TURN;
        }

        @Override
        public String text() {
            return "no turn is open in it";
        }
    }

    /**
     * A session has no open turn, and takes none because of its volume.
     *
     * @param state where the volume stands
     */
    record VolumeGone(StorageState state) implements Reason {

        /**
         * Checks the state.
         *
         * @throws io.agentrun.error.InvalidInputException if it is null
         */
        public VolumeGone {
            Require.given("state", state);
        }

        @Override
        public NextStep next() {
            return state == StorageState.EVICTING ? NextStep.EVICTION : NextStep.PROVISION;
        }

        @Override
        public String text() {
            return "no turn is open in it, and it takes none while its volume is " + state.wire();
        }
    }

    /**
     * It moves with another record.
     *
     * @param other why that one does not move
     */
    record With(Explanation other) implements Reason {

        /**
         * Checks that the other is given.
         *
         * @throws io.agentrun.error.InvalidInputException if it is null
         */
        public With {
            Require.given("other", other);
        }

        @Override
        public NextStep next() {
            return other.next();
        }

        @Override
        public String text() {
            return "it moves with the " + other.text();
        }
    }
}
