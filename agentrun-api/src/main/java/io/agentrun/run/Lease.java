package io.agentrun.run;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * That a runner holds a run, and until when.
 *
 * <p>Immutable.
 *
 * @param runnerId who holds it
 * @param epoch the epoch of the claim, 1 or more; it stands in the fence of every write of this runner
 * @param expiresAt when it runs out, by the store's clock; from that instant on others may recover the run, and until
 *     somebody does the runner may still extend it
 */
public record Lease(String runnerId, long epoch, @AsText Instant expiresAt) {

    public Lease {
        Texts.id("runnerId", runnerId);
        Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        expiresAt = Times.micros(Require.given("expiresAt", expiresAt));
    }

    /** Returns whether the lease has not run out: at its very {@code expiresAt} it has. */
    public boolean aliveAt(Instant now) {
        return expiresAt.isAfter(now);
    }
}
