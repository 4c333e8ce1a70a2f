/**
 * What can go wrong: one root, {@link io.agentrun.error.AgentRunException}, and one leaf for each thing that a caller
 * can do about it. Messages name fields and rules; they never contain values.
 */
@NullMarked
package io.agentrun.error;

import org.jspecify.annotations.NullMarked;
