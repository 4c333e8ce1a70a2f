/** Tests of the search for orders of histories. */
@NullMarked
package io.agentrun.tck.history;

import org.jspecify.annotations.NullMarked;
