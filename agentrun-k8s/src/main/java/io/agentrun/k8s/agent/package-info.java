/**
 * Agents that are Jobs of a cluster, for the worker of {@code agentrun-worker}: the worker holds the run's lease, the Job does the
 * work, its log becomes events, and its end is the turn's.
 *
 * <p>Start at {@link io.agentrun.k8s.agent.JobAgent}.
 */
@NullMarked
package io.agentrun.k8s.agent;

import org.jspecify.annotations.NullMarked;
