package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.run.Run;
import java.time.Instant;

/**
 * A claim that was granted. As JSON it goes one way only: the fence's token is not written, so that a runner in another
 * process gets the fence by {@link Fence#wire()}.
 *
 * <p>Immutable.
 *
 * @param fence goes with every write of the runner; a secret
 * @param expiresAt when the lease runs out unless a heartbeat extends it, by the store's clock
 * @param run the run as it is since the claim
 */
public record RunLease(Fence fence, @AsText Instant expiresAt, Run run) {

    public RunLease {
        Require.given("fence", fence);
        expiresAt = Times.micros(Require.given("expiresAt", expiresAt));
        Require.given("run", run);
    }
}
