/** Tests of how mutants are read and applied. */
@NullMarked
package io.agentrun.tck.mutation;

import org.jspecify.annotations.NullMarked;
