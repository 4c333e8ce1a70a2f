/**
 * The store and its parts. Start at {@link io.agentrun.AgentRunStore}.
 *
 * <p>The records of each part are in a package of their own ({@code run}, {@code lease}, {@code command}, {@code event},
 * {@code runner}, {@code session}, {@code storage}, {@code queue}); the values that they share are in
 * {@link io.agentrun.model}, the exceptions in {@link io.agentrun.error}, JSON in {@link io.agentrun.json}.
 */
@NullMarked
package io.agentrun;

import org.jspecify.annotations.NullMarked;
