/**
 * Store and cluster compared: {@link io.agentrun.k8s.reconcile.StorageReconciler} finds what one knows and the other does
 * not, {@link io.agentrun.k8s.reconcile.ResumeCheck} says whether one session can go on where it stopped.
 */
@NullMarked
package io.agentrun.k8s.reconcile;

import org.jspecify.annotations.NullMarked;
