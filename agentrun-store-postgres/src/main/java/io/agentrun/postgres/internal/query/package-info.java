/**
 * The statements that look at many rows: lists, feeds, statistics, candidates. A filter is in a statement only where it
 * is given, so that each has the plan that fits it; none locks what it scans.
 */
@NullMarked
package io.agentrun.postgres.internal.query;

import org.jspecify.annotations.NullMarked;
