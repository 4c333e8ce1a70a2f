/**
 * Random scripts of operations, played on the store under test and on the reference store side by side.
 *
 * <p>Start with {@link io.agentrun.tck.script.Differential}: it plays a {@link io.agentrun.tck.script.Script}, compares every
 * answer and in the end every record, and shortens what fails. An adapter has nothing to do here but to nest
 * {@link io.agentrun.tck.suite.DifferentialSuite}.
 */
@NullMarked
package io.agentrun.tck.script;

import org.jspecify.annotations.NullMarked;
