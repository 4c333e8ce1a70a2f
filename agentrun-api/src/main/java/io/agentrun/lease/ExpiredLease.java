package io.agentrun.lease;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.run.Run;
import java.time.Instant;

/**
 * A lease that has run out and that nobody has recovered yet. It holds no fence: who may list leases may not write in
 * their holders' names.
 *
 * <p>Immutable.
 *
 * @param runnerId the runner that has, or had, the lease
 * @param epoch the epoch of the lease, for {@code LeaseStore.recover}
 * @param expiredAt when it ran out, by the store's clock
 * @param run the run as it was when it was looked at
 */
public record ExpiredLease(
        String runnerId, long epoch, @AsText Instant expiredAt, Run run) {

    public ExpiredLease {
        Texts.id("runnerId", runnerId);
        Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        expiredAt = Times.micros(Require.given("expiredAt", expiredAt));
        Require.given("run", run);
    }

    /** Returns the id of the run. */
    public String runId() {
        return run.id();
    }
}
