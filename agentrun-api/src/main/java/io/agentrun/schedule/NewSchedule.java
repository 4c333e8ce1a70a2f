package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.queue.NewQueueTask;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * A schedule to create or change.
 *
 * <p>Immutable.
 *
 * @param name its name, unique within the tenant and project of the task
 * @param rule when it occurs, as text that the store does not read: a cron expression, for instance (1 to 1,000 characters)
 * @param zone in which zone the rule is meant, such as {@code Europe/Berlin}
 * @param task what it creates; without a time, a key, and deadlines of a begin and an end: each occurrence sets those
 * @param missed what becomes of missed occurrences; the latest one unless given
 * @param beginWithin with {@link MissedPolicy#SKIP}, how long after its time a task may begin, 1 second to 30 days; a minute unless given
 */
public record NewSchedule(
        String name,
        String rule,
        String zone,
        NewQueueTask task,
        MissedPolicy missed,
        @AsText Duration beginWithin) {

    /** How long a rule may be. */
    public static final int MAX_RULE = 1_000;

    /** How long after its time a task may begin unless given. */
    public static final Duration DEFAULT_BEGIN_WITHIN = Duration.ofMinutes(1);

    private static final Duration LONGEST = Duration.ofDays(30);

    /**
     * Checks what is given; the rule is read by who advances the schedule.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above, or there is no such zone
     */
    public NewSchedule {
        task = Require.given("task", task);
        name = new ScheduleKey(task.owner(), name).name();
        rule = Texts.message("rule", rule);
        if (rule.isBlank() || rule.length() > MAX_RULE) {
            throw new InvalidInputException("rule", "must have 1 to " + MAX_RULE + " characters");
        }
        zone = zone(zone);
        if (task.notBefore() != null) {
            throw new InvalidInputException("task.notBefore", "must not be given: each occurrence has its time");
        }
        if (task.idempotencyKey() != null) {
            throw new InvalidInputException("task.idempotencyKey", "must not be given: each occurrence has its key");
        }
        if (task.replaceKey() != null) {
            throw new InvalidInputException("task.replaceKey", "must not be given: each occurrence has its key");
        }
        if (task.deadlines() != null
                && (task.deadlines().beginBy() != null || task.deadlines().endBy() != null)) {
            throw new InvalidInputException("task.deadlines", "must be the longest time of an attempt alone");
        }
        missed = Require.given("missed", missed);
        if (Require.given("beginWithin", beginWithin).compareTo(Duration.ofSeconds(1)) < 0
                || beginWithin.compareTo(LONGEST) > 0) {
            throw new InvalidInputException("beginWithin", "must be from 1 second to 30 days");
        }
        beginWithin = beginWithin.truncatedTo(ChronoUnit.MICROS);
    }

    private static String zone(String zone) {
        try {
            return ZoneId.of(Require.given("zone", zone)).getId();
        } catch (DateTimeException e) {
            throw new InvalidInputException("zone", "must be a zone that is known here");
        }
    }

    /**
     * Returns a schedule that makes one task for what it missed.
     *
     * @throws InvalidInputException as the constructor
     */
    public static NewSchedule of(String name, String rule, String zone, NewQueueTask task) {
        return new NewSchedule(name, rule, zone, task, MissedPolicy.LATEST, DEFAULT_BEGIN_WITHIN);
    }

    /** Returns which schedule it is. */
    public ScheduleKey key() {
        return new ScheduleKey(task.owner(), name);
    }

    /**
     * Returns a copy with another rule.
     *
     * @throws InvalidInputException when it is missing or too long
     */
    public NewSchedule withRule(String rule) {
        return new NewSchedule(name, rule, zone, task, missed, beginWithin);
    }

    /**
     * Returns a copy with another task, which has its owner.
     *
     * @throws InvalidInputException when it is missing, or has what each occurrence sets
     */
    public NewSchedule withTask(NewQueueTask task) {
        return new NewSchedule(name, rule, zone, task, missed, beginWithin);
    }

    /**
     * Returns a copy that does something else about missed occurrences.
     *
     * @throws InvalidInputException when it is missing
     */
    public NewSchedule withMissed(MissedPolicy missed) {
        return new NewSchedule(name, rule, zone, task, missed, beginWithin);
    }

    /**
     * Returns a copy with another time after which a task may begin.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public NewSchedule withBeginWithin(Duration beginWithin) {
        return new NewSchedule(name, rule, zone, task, missed, beginWithin);
    }
}
