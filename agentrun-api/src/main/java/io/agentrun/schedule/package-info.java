/**
 * Schedules: tasks that are created again and again at the times of a rule. Start at {@link io.agentrun.ScheduleStore}; the store keeps
 * rules as texts, and somebody who can read them, such as the worker's maintenance, says which time comes next.
 */
@NullMarked
package io.agentrun.schedule;

import org.jspecify.annotations.NullMarked;
