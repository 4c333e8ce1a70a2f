package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a session does and did last.
 *
 * <p>Immutable.
 *
 * @param state whether a turn is active
 * @param lastRunId the run that was created, or had a turn created, last
 * @param lastCommandId the turn that was created last
 * @param activeRunId the run of the active turn, null unless running
 * @param activeCommandId the active turn, null unless running
 * @param outcome how the last turn or run ended, null unless terminal
 * @param lastActivityAt when a run or a turn was created for it, or its active turn ended, last
 * @param turns how many turns it ever had; the next one has this ordinal plus one
 */
public record SessionActivity(
        ExecutionState state,
        @Nullable String lastRunId,
        @Nullable String lastCommandId,
        @Nullable String activeRunId,
        @Nullable String activeCommandId,
        @Nullable Outcome outcome,
        @AsText @Nullable Instant lastActivityAt,
        long turns) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public SessionActivity {
        state = Require.given("state", state);
        lastActivityAt = Times.microsOrNull(lastActivityAt);
    }

    /** Returns the activity of a session that never had a run. */
    public static SessionActivity idle() {
        return new SessionActivity(ExecutionState.IDLE, null, null, null, null, null, null, 0);
    }

    /** Returns a builder that begins with everything this record holds. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.state = state;
        builder.lastRunId = lastRunId;
        builder.lastCommandId = lastCommandId;
        builder.activeRunId = activeRunId;
        builder.activeCommandId = activeCommandId;
        builder.outcome = outcome;
        builder.lastActivityAt = lastActivityAt;
        builder.turns = turns;
        return builder;
    }

    /**
     * Collects the components of a {@link SessionActivity}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private @Nullable ExecutionState state;
        private @Nullable String lastRunId;
        private @Nullable String lastCommandId;
        private @Nullable String activeRunId;
        private @Nullable String activeCommandId;
        private @Nullable Outcome outcome;
        private @Nullable Instant lastActivityAt;
        private long turns;

        private Builder() {}

        /** Sets whether a turn is active. */
        public Builder state(ExecutionState state) {
            this.state = state;
            return this;
        }

        /** Sets the run that was created, or had a turn created, last. */
        public Builder lastRunId(@Nullable String lastRunId) {
            this.lastRunId = lastRunId;
            return this;
        }

        /** Sets the turn that was created last. */
        public Builder lastCommandId(@Nullable String lastCommandId) {
            this.lastCommandId = lastCommandId;
            return this;
        }

        /** Sets the run of the active turn, null unless running. */
        public Builder activeRunId(@Nullable String activeRunId) {
            this.activeRunId = activeRunId;
            return this;
        }

        /** Sets the active turn, null unless running. */
        public Builder activeCommandId(@Nullable String activeCommandId) {
            this.activeCommandId = activeCommandId;
            return this;
        }

        /** Sets how the last turn or run ended, null unless terminal. */
        public Builder outcome(@Nullable Outcome outcome) {
            this.outcome = outcome;
            return this;
        }

        /** Sets when a run or a turn was created for it last. */
        public Builder lastActivityAt(@Nullable Instant lastActivityAt) {
            this.lastActivityAt = lastActivityAt;
            return this;
        }

        /** Sets how many turns it ever had; the next one has this ordinal plus one. */
        public Builder turns(long turns) {
            this.turns = turns;
            return this;
        }

        /**
         * Returns the checked record.
         *
         * @throws InvalidInputException when a required component is missing or one is out of its bounds
         */
        public SessionActivity build() {
            return new SessionActivity(
                    Require.given("state", state),
                    lastRunId,
                    lastCommandId,
                    activeRunId,
                    activeCommandId,
                    outcome,
                    lastActivityAt,
                    turns);
        }
    }
}
