/**
 * The worker that every host would write by hand: takes tasks, lets an agent work on their turns, keeps leases, delivers commands.
 *
 * <p>Start at {@link io.agentrun.worker.AgentWorker}. Output and readers are in {@code stream}, processes in {@code process}.
 */
@NullMarked
package io.agentrun.worker;

import org.jspecify.annotations.NullMarked;
