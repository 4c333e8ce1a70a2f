package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A schedule, and how far its tasks are made.
 *
 * <p>Immutable.
 *
 * @param given what it does
 * @param state whether it makes tasks
 * @param revision 1 at first, and one more with each change, pause and resume: part of the keys of its tasks
 * @param last up to which time its occurrences are made: the time of the occurrence made last, or when the schedule was created, changed or
 *     resumed since
 * @param taskId the task that was made last, null before the first
 * @param createdAt when it was created
 * @param updatedAt when it was changed or advanced last
 */
public record Schedule(
        NewSchedule given,
        ScheduleState state,
        long revision,
        @AsText Instant last,
        @Nullable String taskId,
        @AsText Instant createdAt,
        @AsText Instant updatedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Schedule {
        given = Require.given("given", given);
        state = Require.given("state", state);
        revision = Require.between("revision", revision, 1, Long.MAX_VALUE);
        last = Times.micros(Require.given("last", last));
        taskId = Texts.idOrNull("taskId", taskId);
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
    }

    /** Returns which schedule it is. */
    public ScheduleKey key() {
        return given.key();
    }

    /** Returns the idempotency key of the task of an occurrence. */
    public String taskKey(Instant occurrence) {
        return "schedule/" + given.name() + "/" + revision + "/" + Times.micros(occurrence);
    }

    /** Returns a copy in another state. */
    public Schedule withState(ScheduleState state) {
        return new Schedule(given, state, revision, last, taskId, createdAt, updatedAt);
    }

    /** Returns a copy that was changed then. */
    public Schedule withUpdatedAt(Instant updatedAt) {
        return new Schedule(given, state, revision, last, taskId, createdAt, updatedAt);
    }
}
