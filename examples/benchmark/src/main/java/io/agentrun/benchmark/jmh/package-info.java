/** What is fast enough to need a harness that knows how the JVM optimises: the store in memory, and the pure functions. */
@NullMarked
package io.agentrun.benchmark.jmh;

import org.jspecify.annotations.NullMarked;
