/**
 * The seam between agentrun and a cluster: {@link io.agentrun.k8s.kubectl.KubectlHandler}, its implementation on the
 * real binary, {@link io.agentrun.k8s.kubectl.ProcessKubectlHandler}, and the one error that both it and the cluster in
 * memory ({@code io.agentrun.k8s.kubectl.memory}) throw, {@link io.agentrun.k8s.kubectl.KubectlException}. One contract
 * test proves all of them.
 */
@NullMarked
package io.agentrun.k8s.kubectl;

import org.jspecify.annotations.NullMarked;
