/**
 * A small cluster in memory, for the unit tests of hosts and of this library: it keeps claims that pods use, waits for
 * the first consumer, gives a new uid to a new object, has quotas, and can be slow, forgetful or broken when a test asks
 * for it. Start at {@link io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler}; what a test does to the cluster is in
 * {@link io.agentrun.k8s.kubectl.memory.InMemoryCluster}.
 */
@NullMarked
package io.agentrun.k8s.kubectl.memory;

import org.jspecify.annotations.NullMarked;
