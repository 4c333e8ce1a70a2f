/**
 * Mutants of this module, run on demand: {@link io.agentrun.k8s.mutation.KubernetesMutants} asks the module's tests whether they
 * notice each of them.
 */
@NullMarked
package io.agentrun.k8s.mutation;

import org.jspecify.annotations.NullMarked;
