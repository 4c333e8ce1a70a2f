/** What the stores cost other than time in the database: log, memory, start-up, and files. */
@NullMarked
package io.agentrun.benchmark.scenario.cost;

import org.jspecify.annotations.NullMarked;
