package io.agentrun.rules;

import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.Resumed;
import io.agentrun.model.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A command without its payload and key, which no rule reads after the command is created.
 *
 * <p>Immutable.
 *
 * @param resumed that it was parked, and for what; null for nearly all
 */
public record CommandHead(
        String id,
        String runId,
        long seq,
        CommandType type,
        CommandState state,
        @Nullable Outcome outcome,
        CommandOrder order,
        CommandTimes times,
        @Nullable Resumed resumed) {

    /**
     * Checks that nothing is missing; the texts were checked when the command was created.
     *
     * @throws io.agentrun.error.InvalidInputException if a required component is missing or the number is below 1
     */
    public CommandHead {
        Require.given("id", id);
        Require.given("runId", runId);
        Require.between("seq", seq, 1, Long.MAX_VALUE);
        Require.given("type", type);
        Require.given("state", state);
        Require.given("order", order);
        Require.given("times", times);
    }

    /** Returns the head of the command. */
    public static CommandHead of(Command command) {
        return new CommandHead(
                command.id(),
                command.runId(),
                command.seq(),
                command.type(),
                command.state(),
                command.outcome(),
                command.order(),
                command.times(),
                command.resumed());
    }

    /**
     * Returns the command in the state of this head.
     *
     * @param command any earlier or later state of the same command
     * @throws IllegalArgumentException if it is another command
     */
    public Command applyTo(Command command) {
        if (!command.id().equals(id)) {
            throw new IllegalArgumentException("the head of command " + id + " does not fit command " + command.id());
        }
        return new Command(
                id, runId, seq, type, command.payload(), state, outcome, order, command.idempotency(), times, resumed);
    }

    /** Returns a builder that begins with this head. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds the next state of a {@link CommandHead}. Not thread-safe: one thread at a time. */
    public static final class Builder {
        private final CommandHead from;
        private CommandState state;
        private @Nullable Outcome outcome;
        private CommandOrder order;
        private CommandTimes times;
        private @Nullable Resumed resumed;

        private Builder(CommandHead from) {
            this.from = from;
            this.state = from.state;
            this.outcome = from.outcome;
            this.order = from.order;
            this.times = from.times;
            this.resumed = from.resumed;
        }

        /** Sets the state. */
        public Builder state(CommandState value) {
            this.state = value;
            return this;
        }

        /** Sets how the command ended. */
        public Builder outcome(@Nullable Outcome value) {
            this.outcome = value;
            return this;
        }

        /** Sets the command's order among the commands of its run and session. */
        public Builder order(CommandOrder value) {
            this.order = value;
            return this;
        }

        /** Sets when things happened to the command. */
        public Builder times(CommandTimes value) {
            this.times = value;
            return this;
        }

        /** Sets that it was parked, and for what. */
        public Builder resumed(@Nullable Resumed value) {
            this.resumed = value;
            return this;
        }

        /** Returns the head. */
        public CommandHead build() {
            return new CommandHead(from.id, from.runId, from.seq, from.type, state, outcome, order, times, resumed);
        }
    }
}
