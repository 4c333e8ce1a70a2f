package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.model.CancelRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a heartbeat.
 *
 * <p>Immutable.
 *
 * @param signal what the runner must know
 * @param expiresAt when the lease runs out now; given exactly if the lease still stands
 * @param commandsWaiting whether a deliverable command is pending, so that {@code await} would return at once; false if
 *     the lease is over
 * @param cancelRequest the reason and time that go with {@code CANCEL_REQUESTED}; null with every other signal
 */
public record Heartbeat(
        LeaseSignal signal,
        @AsText @Nullable Instant expiresAt,
        boolean commandsWaiting,
        @Nullable CancelRequest cancelRequest) {

    public Heartbeat {
        Require.given("signal", signal);
        expiresAt = Times.microsOrNull(expiresAt);
    }

    /** Returns the answer to a runner whose lease is over: {@code LEASE_LOST} or {@code ENDED}, and nothing else. */
    public static Heartbeat over(LeaseSignal signal) {
        return new Heartbeat(signal, null, false, null);
    }
}
