/**
 * Agents as Jobs of a Kubernetes cluster, through {@code agentrun-k8s}: the worker holds the run's lease, the Job runs
 * the command line, its log becomes events, and its end is the run's.
 *
 * <p>Start at {@link io.agentrun.example.kubernetes.KubernetesJobs}.
 */
@NullMarked
package io.agentrun.example.kubernetes;

import org.jspecify.annotations.NullMarked;
