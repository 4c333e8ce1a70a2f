/**
 * What is read from a cluster and what is created in it, as values: names, claims, pods, Jobs, namespaces. A manifest
 * refuses, when it is built and with the field's name, what Kubernetes itself would refuse.
 *
 * <p>Start at {@link io.agentrun.k8s.object.ClaimManifest} for what is created and
 * {@link io.agentrun.k8s.object.ObjectMeta} for what is read.
 */
@NullMarked
package io.agentrun.k8s.object;

import org.jspecify.annotations.NullMarked;
