/**
 * Session volumes and runner Jobs on Kubernetes, through {@code kubectl} and without a Kubernetes client.
 *
 * <p>{@code io.agentrun.k8s.kubectl} is the seam to the cluster, {@code io.agentrun.k8s.storage} the life of a session's
 * volume and its collection, {@code io.agentrun.k8s.reconcile} the comparison of store and cluster,
 * {@code io.agentrun.k8s.job} the runners. Here is only what they share: {@link io.agentrun.k8s.InstanceNames}, the
 * names and labels by which an instance knows its own.
 */
@NullMarked
package io.agentrun.k8s;

import org.jspecify.annotations.NullMarked;
