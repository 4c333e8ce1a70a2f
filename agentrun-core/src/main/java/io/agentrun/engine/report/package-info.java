/**
 * What operations have in common when they tell of themselves: to a listener ({@link io.agentrun.engine.report.Observed}), to the log of
 * an operator ({@link io.agentrun.engine.report.OperatorLog}), and of a failure, whether it is one of a single item
 * ({@link io.agentrun.engine.report.Failures}).
 */
@NullMarked
package io.agentrun.engine.report;

import org.jspecify.annotations.NullMarked;
