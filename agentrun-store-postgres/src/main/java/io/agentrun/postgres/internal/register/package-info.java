/**
 * The tables that hosts, runners and collectors write beside the runs: runners, their jobs, backends, read marks and the
 * leases of collectors. For each one class with its statements and the mapper of its rows; a row here changes by one
 * statement, which locks the rows that its guard reads.
 */
@NullMarked
package io.agentrun.postgres.internal.register;

import org.jspecify.annotations.NullMarked;
