package io.agentrun.lease;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A claim that was granted. As JSON it goes one way only: the fence's token is not written, so that a runner in another
 * process gets the fence by {@link Fence#wire()}.
 *
 * <p>Two leases are equal if fence, expiry and run are: {@code heldUntilNanos} is of the process that asked, and stands neither in
 * JSON nor in {@code toString}.
 *
 * <p>Immutable.
 *
 * @param fence goes with every write of the runner; a secret
 * @param expiresAt when the lease runs out unless a heartbeat extends it, by the store's clock
 * @param run the run as it is since the claim
 * @param heldUntilNanos the time of the store's ticker ({@link System#nanoTime()} unless the store was given another) until which
 *     the lease holds at least: its length, counted from when the claim that was granted was sent. Compare it by difference.
 *     Null in a lease that was not asked for in this process. Inside a transaction of the host it holds only if that commits
 */
public record RunLease(
        Fence fence,
        @AsText Instant expiresAt,
        Run run,
        @JsonIgnore @Nullable Long heldUntilNanos) {

    public RunLease {
        Require.given("fence", fence);
        expiresAt = Times.micros(Require.given("expiresAt", expiresAt));
        Require.given("run", run);
    }

    /** Makes a lease that was not asked for in this process. */
    public RunLease(Fence fence, Instant expiresAt, Run run) {
        this(fence, expiresAt, run, null);
    }

    /** Returns whether the other has the same fence, expiry and run. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RunLease lease
                && fence.equals(lease.fence)
                && expiresAt.equals(lease.expiresAt)
                && run.equals(lease.run);
    }

    @Override
    public int hashCode() {
        return Objects.hash(fence, expiresAt, run);
    }

    /** Returns fence, expiry and run; the fence without its token. */
    @Override
    public String toString() {
        return "RunLease[fence=" + fence + ", expiresAt=" + expiresAt + ", run=" + run + "]";
    }
}
