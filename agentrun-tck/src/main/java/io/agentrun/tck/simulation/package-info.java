/**
 * A simulation for the tests of hosts: workers on one store in memory, with a clock of the simulation's, of which some are paused,
 * killed or cut off, and whose answers are lost, all by a seed. One seed always gives the same events in the same order.
 *
 * <p>Start at {@link io.agentrun.tck.simulation.Simulation}.
 */
@NullMarked
package io.agentrun.tck.simulation;

import org.jspecify.annotations.NullMarked;
