/**
 * Why a record does not move, and what must not be in a store: what an operator asks when a task seems to hang.
 *
 * <p>Start at {@link io.agentrun.InspectStore}.
 */
@NullMarked
package io.agentrun.inspect;

import org.jspecify.annotations.NullMarked;
