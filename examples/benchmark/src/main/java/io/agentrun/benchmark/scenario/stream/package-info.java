/** What streams: output through event writers into the store, events out of it to subscribers. */
@NullMarked
package io.agentrun.benchmark.scenario.stream;

import org.jspecify.annotations.NullMarked;
