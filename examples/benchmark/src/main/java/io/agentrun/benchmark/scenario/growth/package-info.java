/** What becomes of the numbers when a store has been at work for days. */
@NullMarked
package io.agentrun.benchmark.scenario.growth;

import org.jspecify.annotations.NullMarked;
