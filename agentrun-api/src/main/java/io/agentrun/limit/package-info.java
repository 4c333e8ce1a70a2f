/**
 * Limits of the queue: how many attempts of tasks run at once, or begin in a time. Start with {@link io.agentrun.limit.Limit}.
 */
@NullMarked
package io.agentrun.limit;

import org.jspecify.annotations.NullMarked;
