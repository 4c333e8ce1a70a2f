/**
 * The rules for limits of the queue: which count a task, which of their slots are free, and who gets one. Start with {@link
 * io.agentrun.rules.limit.LimitRules}; the transitions that use them are in {@code io.agentrun.rules}.
 */
@NullMarked
package io.agentrun.rules.limit;

import org.jspecify.annotations.NullMarked;
