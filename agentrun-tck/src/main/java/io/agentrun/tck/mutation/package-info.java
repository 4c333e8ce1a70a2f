/**
 * Textual mutants: named changes of a module's source, each of which the module's tests must notice.
 * {@link io.agentrun.tck.mutation.MutationProgram} applies them one at a time and prints which were killed and which survived; a
 * module tells it by a {@link io.agentrun.tck.mutation.MutationTarget} which tests a mutant names.
 *
 * <p>It needs {@code junit-platform-launcher} on the class path, which nothing else of the kit does.
 */
@NullMarked
package io.agentrun.tck.mutation;

import org.jspecify.annotations.NullMarked;
