/** The database that is measured: the server, a schema for each scenario, rows to begin with, and the insert to compare with. */
@NullMarked
package io.agentrun.benchmark.postgres;

import org.jspecify.annotations.NullMarked;
