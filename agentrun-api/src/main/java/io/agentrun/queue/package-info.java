/**
 * The queue that runs are taken from: tasks with a place (queue, lane, priority), a time before which they wait, and
 * attempts.
 *
 * <p>Start at {@link io.agentrun.QueueStore#create} and {@link io.agentrun.QueueStore#dispatchNext}, which
 * turns the next due task into a run with its first turn. The end of that run moves the task; nothing else needs to be
 * done.
 */
@NullMarked
package io.agentrun.queue;

import org.jspecify.annotations.NullMarked;
