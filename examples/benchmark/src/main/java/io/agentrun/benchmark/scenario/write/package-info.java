/** What writes: beside as many clients that insert equal rows, or beside itself with less to look through. */
@NullMarked
package io.agentrun.benchmark.scenario.write;

import org.jspecify.annotations.NullMarked;
