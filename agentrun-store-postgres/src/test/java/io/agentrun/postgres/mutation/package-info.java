/**
 * Mutants of the store, run on demand: {@link io.agentrun.postgres.mutation.PostgresMutants} asks the conformance kit whether it
 * notices each of them.
 */
@NullMarked
package io.agentrun.postgres.mutation;

import org.jspecify.annotations.NullMarked;
