/**
 * Session volumes and runner Jobs on Kubernetes.
 */
@NullMarked
package io.agentrun.k8s;

import org.jspecify.annotations.NullMarked;
