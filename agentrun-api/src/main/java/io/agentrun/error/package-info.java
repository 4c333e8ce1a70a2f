/**
 * What can go wrong, as one unchecked root with one leaf for each thing that a caller can do about it.
 *
 * <p>Start at {@link io.agentrun.error.AgentRunException}: every exception that a store throws on purpose is one, and
 * says through {@code code()}, {@code failureKind()}, {@code httpStatus()} and {@code retryable()} what a host should
 * answer. The facts (ids, states, field names) are methods of the leaf. No message holds SQL, a bound value, a
 * connection string, a secret or the name of another runner.
 */
@NullMarked
package io.agentrun.error;

import org.jspecify.annotations.NullMarked;
