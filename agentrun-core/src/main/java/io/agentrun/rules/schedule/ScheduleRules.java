package io.agentrun.rules.schedule;

import io.agentrun.error.StateConflictException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Deadlines;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Change;
import io.agentrun.rules.QueueRules;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a schedule: created, changed, advanced, paused, resumed; and what becomes of the task that was made ahead.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class ScheduleRules {

    private ScheduleRules() {}

    /** Returns the schedule as it is given; the stored one itself if nothing changes (T-1). */
    public static Schedule put(NewSchedule input, @Nullable Schedule stored, Instant now) {
        if (stored == null) {
            return new Schedule(input, ScheduleState.ACTIVE, 1, now, null, now, now);
        }
        if (stored.given().equals(input)) {
            return stored;
        }
        ScheduleState state = stored.state() == ScheduleState.PAUSED ? ScheduleState.PAUSED : ScheduleState.ACTIVE;
        return new Schedule(input, state, stored.revision() + 1, now, stored.taskId(), stored.createdAt(), now);
    }

    /** Returns whether the schedule is to be advanced: it is active and its last occurrence is not in the future (T-2). */
    public static boolean due(Schedule schedule, Instant now) {
        return schedule.state() == ScheduleState.ACTIVE && !schedule.last().isAfter(now);
    }

    /** Returns whether what the caller has seen is still so, and the schedule makes tasks (T-2). */
    public static boolean advances(Schedule schedule, Instant expectedLast) {
        return schedule.state() == ScheduleState.ACTIVE && schedule.last().equals(expectedLast);
    }

    /** Returns the schedule with the occurrence made, or over without one (T-2). */
    public static Schedule advanced(Schedule schedule, @Nullable Instant next, @Nullable String taskId, Instant now) {
        return next == null || taskId == null
                ? schedule.withState(ScheduleState.OVER).withUpdatedAt(now)
                : new Schedule(
                        schedule.given(),
                        ScheduleState.ACTIVE,
                        schedule.revision(),
                        next,
                        taskId,
                        schedule.createdAt(),
                        now);
    }

    /** Returns the task of an occurrence: due at its time, under a key of its own; what is skipped if missed must begin soon (T-2, T-4). */
    public static NewQueueTask occurrence(Schedule schedule, Instant at) {
        NewQueueTask given = schedule.given().task();
        Deadlines deadlines = given.deadlines();
        if (schedule.given().missed() == MissedPolicy.SKIP) {
            Instant beginBy = at.plus(schedule.given().beginWithin());
            Duration grace = deadlines == null ? Deadlines.DEFAULT_GRACE : deadlines.grace();
            deadlines = new Deadlines(beginBy, null, deadlines == null ? null : deadlines.within(), grace);
        }
        return new NewQueueTask(
                given.owner(),
                given.place(),
                given.title(),
                given.spec(),
                given.content(),
                given.retry(),
                at,
                schedule.taskKey(at),
                null,
                deadlines,
                given.limitLabels());
    }

    /**
     * Returns the schedule paused; the stored one itself if it is (T-3).
     *
     * @throws StateConflictException if it is over
     */
    public static Schedule pause(Schedule schedule, Instant now) {
        requireNotOver(schedule);
        return schedule.state() == ScheduleState.PAUSED ? schedule : revised(schedule, ScheduleState.PAUSED, now);
    }

    /**
     * Returns the schedule active from now on; the stored one itself if it is (T-3).
     *
     * @throws StateConflictException if it is over
     */
    public static Schedule resume(Schedule schedule, Instant now) {
        requireNotOver(schedule);
        return schedule.state() == ScheduleState.ACTIVE ? schedule : revised(schedule, ScheduleState.ACTIVE, now);
    }

    private static Schedule revised(Schedule schedule, ScheduleState state, Instant now) {
        return new Schedule(
                schedule.given(), state, schedule.revision() + 1, now, schedule.taskId(), schedule.createdAt(), now);
    }

    private static void requireNotOver(Schedule schedule) {
        if (schedule.state() == ScheduleState.OVER) {
            throw new StateConflictException(
                    "schedule",
                    schedule.given().name(),
                    schedule.state().wire(),
                    "its rule has no further occurrence",
                    false);
        }
    }

    /** Returns the task that was made ahead cancelled, if its time has not come and it never began (T-3); empty otherwise. */
    public static Change withdraw(QueueTask task, String reason, Instant now) {
        Instant at = task.notBefore();
        boolean ahead =
                task.state() == TaskState.PENDING && task.latestAttempt() == null && at != null && at.isAfter(now);
        return ahead ? QueueRules.cancel(task, null, reason, CancelMode.GRACEFUL, now) : Change.none();
    }
}
