/**
 * The conformance kit, tested by stores that are each broken in one way.
 *
 * <p>Start with {@link io.agentrun.tck.sabotage.KitCatchesTest}; the classes whose names end with {@code Sabotage} hold the
 * defects.
 */
@NullMarked
package io.agentrun.tck.sabotage;

import org.jspecify.annotations.NullMarked;
