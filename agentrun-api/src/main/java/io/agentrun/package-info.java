/**
 * The door of agentrun and the values that all of its parts share.
 *
 * <p>Start at {@link io.agentrun.AgentRunStore}: one store, eight roles. The records of each role live in its own
 * package ({@code run}, {@code lease}, {@code command}, {@code event}, {@code runner}, {@code session}, {@code storage},
 * {@code queue}); what more than one of them needs is here: {@link io.agentrun.Owner} and
 * {@link io.agentrun.TenantScope}, {@link io.agentrun.RunSpec}, {@link io.agentrun.Outcome}, pages and limits.
 *
 * <p>{@link io.agentrun.Texts}, {@link io.agentrun.Times} and {@link io.agentrun.IdSource} are for authors of stores.
 */
@NullMarked
package io.agentrun;

import org.jspecify.annotations.NullMarked;
