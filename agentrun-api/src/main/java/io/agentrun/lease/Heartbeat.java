package io.agentrun.lease;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.model.CancelRequest;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a heartbeat.
 *
 * <p>Two answers are equal if they say the same but for {@code heldUntilNanos}, which is of the process that asked, and stands
 * neither in JSON nor in {@code toString}.
 *
 * <p>Immutable.
 *
 * @param signal what the runner must know
 * @param expiresAt when the lease runs out now; given exactly if the lease still stands
 * @param commandsWaiting whether a deliverable command is pending, so that {@code await} would return at once; false if
 *     the lease is over
 * @param cancelRequest the reason and time that go with {@code CANCEL_REQUESTED}; null with every other signal
 * @param heldUntilNanos the time of the store's ticker ({@link System#nanoTime()} unless the store was given another) until which
 *     the lease holds at least: its new length, counted from when the heartbeat that extended it was sent. Compare it by
 *     difference. Null if the lease is over, and in an answer that was not given in this process. Inside a transaction of the host
 *     it holds only if that commits
 */
public record Heartbeat(
        LeaseSignal signal,
        @AsText @Nullable Instant expiresAt,
        boolean commandsWaiting,
        @Nullable CancelRequest cancelRequest,
        @JsonIgnore @Nullable Long heldUntilNanos) {

    public Heartbeat {
        Require.given("signal", signal);
        expiresAt = Times.microsOrNull(expiresAt);
    }

    /** Makes an answer that does not say how long the lease is held by this process's ticker. */
    public Heartbeat(
            LeaseSignal signal,
            @Nullable Instant expiresAt,
            boolean commandsWaiting,
            @Nullable CancelRequest cancelRequest) {
        this(signal, expiresAt, commandsWaiting, cancelRequest, null);
    }

    /** Returns the answer to a runner whose lease is over: {@code LEASE_LOST} or {@code ENDED}, and nothing else. */
    public static Heartbeat over(LeaseSignal signal) {
        return new Heartbeat(signal, null, false, null);
    }

    /** Returns the same answer with another {@code heldUntilNanos}; for authors of stores. */
    public Heartbeat withHeldUntilNanos(@Nullable Long value) {
        return new Heartbeat(signal, expiresAt, commandsWaiting, cancelRequest, value);
    }

    /** Returns whether the other says the same, {@code heldUntilNanos} aside. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Heartbeat beat
                && signal == beat.signal
                && Objects.equals(expiresAt, beat.expiresAt)
                && commandsWaiting == beat.commandsWaiting
                && Objects.equals(cancelRequest, beat.cancelRequest);
    }

    @Override
    public int hashCode() {
        return Objects.hash(signal, expiresAt, commandsWaiting, cancelRequest);
    }

    /** Returns all that the answer says but {@code heldUntilNanos}. */
    @Override
    public String toString() {
        return "Heartbeat[signal=" + signal + ", expiresAt=" + expiresAt + ", commandsWaiting=" + commandsWaiting
                + ", cancelRequest=" + cancelRequest + "]";
    }
}
