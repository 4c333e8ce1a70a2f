/** Tests of the simulation itself: it passes hosts that are right, and catches those that are not. */
@NullMarked
package io.agentrun.tck.simulation;

import org.jspecify.annotations.NullMarked;
