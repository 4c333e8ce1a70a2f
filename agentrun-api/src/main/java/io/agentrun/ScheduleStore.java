package io.agentrun;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;

/**
 * Schedules: stored rules by which tasks are created again and again. The store does not read a rule. Somebody who can, on any number of
 * hosts, asks {@link #due} for schedules whose last occurrence has passed and says by {@link #advance} which one comes next: its task is
 * created at once, with its time as {@code notBefore}, so that the clock of the store starts it, whether a host is there or not.
 *
 * <p>Every method may also throw {@link StoreClosedException} once the store is closed, and {@link StoreUnavailableException} when it
 * cannot be reached or used; a null argument is an {@link InvalidInputException} that names it.
 *
 * <p>Thread-safe.
 */
public interface ScheduleStore {

    /**
     * Creates the schedule, or changes the one of that name. A change counts from now: occurrences before are not made any more, and the
     * task of a future one is cancelled unless it has begun; a paused schedule stays paused, and one that was over is active. What is the same as
     * stored changes nothing.
     *
     * @throws InvalidInputException when the task is not acceptable to {@link QueueStore#create}
     * @throws TenantPolicyException in a tenant view, when the owner is outside of it
     */
    Schedule put(NewSchedule schedule);

    /**
     * Returns the schedule.
     *
     * @throws NotFoundException when there is none of that name; its id is the name
     */
    Schedule get(ScheduleKey key);

    /**
     * Returns a page of schedules, by tenant, project and name.
     *
     * @throws InvalidInputException when the limit is over the store's largest page (500 unless set otherwise), or the cursor is not one of
     *     this list with the same scope
     */
    Page<Schedule> list(ScheduleQuery query);

    /**
     * Returns active schedules whose last occurrence is not in the future, so that the next one is to be made; the longest passed first.
     *
     * @param limit 1 to the store's largest page (500 unless set otherwise)
     * @throws InvalidInputException when the limit is out of its bounds
     */
    DueSchedules due(TenantScope scope, int limit);

    /**
     * Makes the next occurrence: creates its task, due at its time, and notes that time, in one step. Of several callers who say what comes
     * behind one occurrence the first one counts: where the schedule has another last occurrence than expected, or is not active, it is
     * returned as it is and nothing changes. Without a next time, the schedule is over.
     *
     * @throws NotFoundException when there is none of that name
     */
    Schedule advance(Advance advance);

    /**
     * Pauses the schedule: the task of a future occurrence is cancelled unless it has begun, and no other is made. A paused one is returned
     * as it is.
     *
     * @throws NotFoundException when there is none of that name
     * @throws StateConflictException when the schedule is over
     */
    Schedule pause(ScheduleKey key);

    /**
     * Resumes a paused schedule: its occurrences from now on are made, and none of those that came while it was paused. An active one is
     * returned as it is.
     *
     * @throws NotFoundException when there is none of that name
     * @throws StateConflictException when the schedule is over
     */
    Schedule resume(ScheduleKey key);

    /**
     * Deletes the schedule and returns it as it was; the task of a future occurrence is cancelled unless it has begun.
     *
     * @throws NotFoundException when there is none of that name
     */
    Schedule delete(ScheduleKey key);
}
