/**
 * The reference store of agentrun, in memory or on one file; start with {@link io.agentrun.memory.InMemoryAgentRunStore}.
 *
 * <p>An operation takes the one lock, reads records, asks a rule of {@code io.agentrun.rules}, and applies the change that the
 * rule returns; on a file the change is journaled and synced before the lock is let go.
 */
@NullMarked
package io.agentrun.memory;

import org.jspecify.annotations.NullMarked;
