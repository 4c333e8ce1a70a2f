/**
 * Agents that are processes of this machine: started, their output streamed, ended with all their descendants.
 *
 * <p>Start at {@link io.agentrun.worker.process.AgentProcess}.
 */
@NullMarked
package io.agentrun.worker.process;

import org.jspecify.annotations.NullMarked;
