/**
 * What streams: an agent's output into the store, and events out of it to whoever reads along.
 *
 * <p>Start at {@link io.agentrun.worker.stream.EventWriter}: it takes lines and events and appends them in batches, in order,
 * under the fence. {@link io.agentrun.worker.stream.OutputText} makes lines of the bytes that a process writes.
 */
@NullMarked
package io.agentrun.worker.stream;

import org.jspecify.annotations.NullMarked;
