package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.run.Run;
import java.time.Instant;

/**
 * A lease that has run out and that nobody has recovered yet.
 *
 * <p>Immutable.
 *
 * @param fence run, runner and epoch of the lease
 * @param expiredAt when it ran out, by the store's clock
 * @param run the run as it was when it was looked at
 */
public record ExpiredLease(Fence fence, @AsText Instant expiredAt, Run run) {

    public ExpiredLease {
        Require.given("fence", fence);
        expiredAt = Times.micros(Require.given("expiredAt", expiredAt));
        Require.given("run", run);
    }
}
