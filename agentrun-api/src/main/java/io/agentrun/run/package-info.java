/**
 * Runs: one piece of work for an agent, from its creation to its end.
 *
 * <p>Start at {@link io.agentrun.RunStore}; make a {@link io.agentrun.run.NewRun} with its builder. A run is
 * {@code pending}, then {@code claimed} by a runner, then {@code running}, and ends as {@code completed}, {@code failed},
 * {@code blocked} or {@code cancelled}; release and recovery make it {@code pending} again. An end is final.
 */
@NullMarked
package io.agentrun.run;

import org.jspecify.annotations.NullMarked;
