/**
 * Checks recorded histories of concurrent calls: {@link io.agentrun.tck.history.Linearizer} looks for one order of the calls that
 * agrees with their real time and with a model. {@link io.agentrun.tck.history.RunHistory} records callers that meet on one run,
 * with the pure rules as the model.
 */
@NullMarked
package io.agentrun.tck.history;

import org.jspecify.annotations.NullMarked;
