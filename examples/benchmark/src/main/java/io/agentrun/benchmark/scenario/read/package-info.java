/** What reads, and what waits for something to read. */
@NullMarked
package io.agentrun.benchmark.scenario.read;

import org.jspecify.annotations.NullMarked;
