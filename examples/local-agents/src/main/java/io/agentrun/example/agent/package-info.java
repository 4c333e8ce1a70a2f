/**
 * What works on the tasks: command lines in a shell, Codex, or Claude Code, as processes of this machine.
 *
 * <p>Start at {@link io.agentrun.example.agent.Runners}.
 */
@NullMarked
package io.agentrun.example.agent;

import org.jspecify.annotations.NullMarked;
