package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A command as the store has it.
 *
 * <p>Immutable.
 *
 * @param id "cmd_…", given by the store
 * @param runId the run that it goes into
 * @param seq its number in the run, from 1 on without gaps
 * @param type what it asks for
 * @param payload the host's own data for the runner
 * @param state where it stands
 * @param outcome how it ended; given exactly once it has
 * @param order when its time comes
 * @param idempotency the key that it was created with, or null
 * @param times when things happened to it
 * @param resumed that it was parked, and what its agent is told; null for a turn that never was, and for every other command
 */
public record Command(
        String id,
        String runId,
        long seq,
        CommandType type,
        JsonObject payload,
        CommandState state,
        @Nullable Outcome outcome,
        CommandOrder order,
        @Nullable Idempotency idempotency,
        CommandTimes times,
        @Nullable Resumed resumed) {

    public Command {
        Texts.id("id", id);
        Texts.id("runId", runId);
        Require.between("seq", seq, 1, Long.MAX_VALUE);
        Require.given("type", type);
        Require.given("payload", payload);
        Require.given("state", state);
        Require.given("order", order);
        Require.given("times", times);
    }

    /** Makes a command that was never parked. */
    public Command(
            String id,
            String runId,
            long seq,
            CommandType type,
            JsonObject payload,
            CommandState state,
            @Nullable Outcome outcome,
            CommandOrder order,
            @Nullable Idempotency idempotency,
            CommandTimes times) {
        this(id, runId, seq, type, payload, state, outcome, order, idempotency, times, null);
    }

    /** Returns a builder that begins with this command, for what changes in its life; for authors of stores. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds the next state of a {@link Command}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final Command from;
        private CommandState state;
        private @Nullable Outcome outcome;
        private CommandOrder order;
        private CommandTimes times;
        private @Nullable Resumed resumed;

        private Builder(Command from) {
            this.from = from;
            this.state = from.state;
            this.outcome = from.outcome;
            this.order = from.order;
            this.times = from.times;
            this.resumed = from.resumed;
        }

        /** Sets where it stands. */
        public Builder state(CommandState value) {
            this.state = value;
            return this;
        }

        /** Sets how it ended. */
        public Builder outcome(@Nullable Outcome value) {
            this.outcome = value;
            return this;
        }

        /** Sets when its time comes. */
        public Builder order(CommandOrder value) {
            this.order = value;
            return this;
        }

        /** Sets when things happened to it. */
        public Builder times(CommandTimes value) {
            this.times = value;
            return this;
        }

        /** Sets that it was parked. */
        public Builder resumed(@Nullable Resumed value) {
            this.resumed = value;
            return this;
        }

        /** Returns the command. */
        public Command build() {
            return new Command(
                    from.id,
                    from.runId,
                    from.seq,
                    from.type,
                    from.payload,
                    state,
                    outcome,
                    order,
                    from.idempotency,
                    times,
                    resumed);
        }
    }
}
