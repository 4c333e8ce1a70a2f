/**
 * How the store works with its database: connections and transactions, several statements in one round trip, the order
 * of row locks, errors, wake-ups. Nothing here knows a table. Start at {@link io.agentrun.postgres.internal.db.Database}.
 *
 * <p>The one lock order is session, run (its narrow row in {@code agentrun_run_state}), command, task; within a rank by
 * id. Locks are {@code FOR NO KEY UPDATE}; {@link io.agentrun.postgres.internal.db.LockOrder} refuses any other order.
 */
@NullMarked
package io.agentrun.postgres.internal.db;

import org.jspecify.annotations.NullMarked;
