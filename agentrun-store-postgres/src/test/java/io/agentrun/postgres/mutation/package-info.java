/**
 * Mutants of the store, run on demand: {@link io.agentrun.postgres.mutation.MutationProgram} changes its source in one named way
 * after the other, and asks the conformance kit whether it notices.
 */
@NullMarked
package io.agentrun.postgres.mutation;

import org.jspecify.annotations.NullMarked;
