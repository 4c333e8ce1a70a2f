/** Returns the leases: which runner
 * holds which run, for how long, and what becomes of the run when the runner is gone.
 *
 * <p>Start at {@link io.agentrun.LeaseStore}. A claim gives a {@link io.agentrun.lease.RunLease}, whose
 * {@link io.agentrun.lease.Fence} (run, runner, epoch and a secret token) goes with every write of that runner; once another epoch has
 * begun, such writes are refused. Only the store's clock decides when a lease has expired.
 */
@NullMarked
package io.agentrun.lease;

import org.jspecify.annotations.NullMarked;
