/**
 * Time and threads, handed in: what streams and workers measure time and run tasks with.
 *
 * <p>Start at {@link io.agentrun.worker.time.Scheduler}. {@link io.agentrun.worker.time.ThreadScheduler} is the one for
 * programs; a test gives one whose time it moves itself.
 */
@NullMarked
package io.agentrun.worker.time;

import org.jspecify.annotations.NullMarked;
