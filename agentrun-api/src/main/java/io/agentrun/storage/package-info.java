/**
 * The volume (PVC) that keeps a session's files between its runs, as the store knows it: a state machine whose intent
 * is written down before every call to the cluster, so that a crash between the two leaves a trace and not an orphan.
 *
 * <p>Start at {@link io.agentrun.StorageStore}; the states are in {@link io.agentrun.storage.StorageState}. The
 * calls to the cluster themselves are made by the module {@code agentrun-k8s}, or by the host.
 */
@NullMarked
package io.agentrun.storage;

import org.jspecify.annotations.NullMarked;
