/**
 * Schedules kept going: a task of maintenance that says to the store which occurrence comes next, and a reader of cron expressions, which
 * needs {@code com.cronutils:cron-utils}. Start at {@link io.agentrun.worker.schedule.ScheduleTask}.
 */
@NullMarked
package io.agentrun.worker.schedule;

import org.jspecify.annotations.NullMarked;
