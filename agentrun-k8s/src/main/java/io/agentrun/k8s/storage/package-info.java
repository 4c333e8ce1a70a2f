/**
 * The life of a session's volume in a cluster: created, looked at, refreshed and deleted by
 * {@link io.agentrun.k8s.storage.SessionVolumes}, taken away after its time by {@link io.agentrun.k8s.storage.StorageGc},
 * again and again by {@link io.agentrun.k8s.storage.StorageGcLoop}.
 *
 * <p>Every step is written down in the store before the cluster is called, and is repeatable: whoever stops half-way, a
 * later call or sweep goes on where it stopped. No step waits for a claim to be bound, or takes a finalizer away.
 */
@NullMarked
package io.agentrun.k8s.storage;

import org.jspecify.annotations.NullMarked;
