package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a runner gets that waits for commands.
 *
 * <p>Immutable.
 *
 * @param signal what the runner must know about its lease
 * @param commands the deliverable commands that are pending, by number; may be empty, and always is when the lease is over
 * @param cancelRequest the reason and time that go with {@code CANCEL_REQUESTED}; null with every other signal
 */
public record CommandDelivery(
        LeaseSignal signal,
        List<Command> commands,
        @Nullable CancelRequest cancelRequest) {

    public CommandDelivery {
        Require.given("signal", signal);
        commands = Require.items("commands", commands);
        if (!signal.holds() && !commands.isEmpty()) {
            throw new InvalidInputException("commands", "must be empty when the lease is over");
        }
    }

    /** Returns the answer to a runner whose lease is over: {@code LEASE_LOST} or {@code ENDED}, and nothing else. */
    public static CommandDelivery over(LeaseSignal signal) {
        return new CommandDelivery(signal, List.of(), null);
    }
}
