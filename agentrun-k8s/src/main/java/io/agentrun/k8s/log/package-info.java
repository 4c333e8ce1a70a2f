/**
 * The logs of containers as lines: {@link io.agentrun.k8s.log.LogQuery} says which log and from where on,
 * {@link io.agentrun.k8s.log.LogSink} takes the lines, and the {@link io.agentrun.k8s.log.LogPosition} of the last one
 * that was taken is where the next look goes on.
 */
@NullMarked
package io.agentrun.k8s.log;

import org.jspecify.annotations.NullMarked;
