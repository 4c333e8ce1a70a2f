/**
 * A soak: two processes live whole lives on a pair of servers that is hurt all the time, and in the end everything that was
 * acknowledged is there. {@link io.agentrun.postgres.soak.Soak} is the program; {@code CONTRIBUTING.md} has its command.
 */
@NullMarked
package io.agentrun.postgres.soak;

import org.jspecify.annotations.NullMarked;
