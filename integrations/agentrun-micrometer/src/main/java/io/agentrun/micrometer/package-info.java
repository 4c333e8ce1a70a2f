/**
 * Shows a host's Micrometer what agentrun does: observations (a timer and a span each) of calls of the store, of turns and of calls of
 * kubectl, and meters of the worker, of maintenance and of the queue.
 *
 * <p>Names and tags are listed in {@code docs/metrics.md}, and stay as they are. No tag holds an id or a text of a host's or an agent's,
 * and the number of their values is bounded. Start at {@link io.agentrun.micrometer.StoreObservations}.
 */
@NullMarked
package io.agentrun.micrometer;

import org.jspecify.annotations.NullMarked;
