/**
 * Measures how fast a store is: {@link io.agentrun.benchmark.Benchmark} prints one table. Not published, and not part of the
 * tests.
 */
@NullMarked
package io.agentrun.benchmark;

import org.jspecify.annotations.NullMarked;
