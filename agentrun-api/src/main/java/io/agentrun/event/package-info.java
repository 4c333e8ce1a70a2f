/** Returns the events: what comes
 * out of a run, numbered from 1 without gaps, ended by one {@code terminal_status}.
 *
 * <p>Start at {@link io.agentrun.EventStore}: runners append under their fence, hosts read pages or wait for the next
 * event, and a page says when it holds the last one.
 */
@NullMarked
package io.agentrun.event;

import org.jspecify.annotations.NullMarked;
