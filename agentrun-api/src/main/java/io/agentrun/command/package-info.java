/**
 * Commands: what goes into a run. A {@code turn} is work for the agent; a {@code steer} or {@code interrupt} is for the
 * turn that is active.
 *
 * <p>Start at {@link io.agentrun.CommandStore}; make a {@link io.agentrun.command.NewCommand} with
 * {@code turn(payload)}, {@code steer(payload)} or {@code interrupt(payload)}. A session has one active turn at a time; a
 * further one waits behind it, is refused, or interrupts it ({@link io.agentrun.command.OnBusy}).
 */
@NullMarked
package io.agentrun.command;

import org.jspecify.annotations.NullMarked;
