/**
 * The rules of schedules, as pure functions. Start at {@link io.agentrun.rules.schedule.ScheduleRules}; what becomes of the tasks of
 * occurrences is said by the rules of tasks.
 */
@NullMarked
package io.agentrun.rules.schedule;

import org.jspecify.annotations.NullMarked;
