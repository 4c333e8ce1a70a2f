/**
 * Pages for operators: the queue, running work, a run as it goes on, sessions, why something waits, and what is wrong in a store.
 *
 * <p>{@link io.agentrun.console.ConsoleServer} serves them to the person at this machine;
 * {@link io.agentrun.console.Console} is mounted into a host's own HTTP layer, with the host's {@link io.agentrun.console.Guard}.
 */
@NullMarked
package io.agentrun.console;

import org.jspecify.annotations.NullMarked;
