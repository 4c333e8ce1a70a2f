package io.agentrun.worker.schedule;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.TenantScope;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.worker.MaintenanceTask;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps schedules going: for each whose last occurrence has passed it makes what was missed, as the schedule says, and the task of the next
 * occurrence ahead. What has passed is said by the clock of the store; that of the host counts for nothing. Any number of hosts may do it:
 * each occurrence is made once, and a pass counts what it has found made as it wanted, by whichever host.
 *
 * <p>A schedule whose rule cannot be read fails the pass and stops none of the others. Thread-safe.
 */
public final class ScheduleTask implements MaintenanceTask {

    /** How many missed occurrences are made at most: the latest ones. */
    public static final int MOST_MISSED = 100;

    private static final int MOST_SCHEDULES = 100;
    private static final Duration FIRST_WINDOW = Duration.ofMinutes(10);

    private final AgentRunStore store;
    private final Occurrences occurrences;
    private final Duration every;
    private final TenantScope scope;

    private ScheduleTask(AgentRunStore store, Occurrences occurrences, Duration every, TenantScope scope) {
        this.store = Require.given("store", store);
        this.occurrences = Require.given("occurrences", occurrences);
        this.every = Require.given("every", every);
        this.scope = Require.given("scope", scope);
        if (every.isNegative() || every.isZero()) {
            throw new InvalidInputException("every", "must be longer than zero");
        }
    }

    /** Returns the task for everybody's schedules, every 15 seconds. */
    public static ScheduleTask of(AgentRunStore store, Occurrences occurrences) {
        return new ScheduleTask(store, occurrences, Duration.ofSeconds(15), TenantScope.all());
    }

    /** Returns the same at other intervals. An occurrence that comes sooner after another than this may be made late. */
    public ScheduleTask withEvery(Duration value) {
        return new ScheduleTask(store, occurrences, value, scope);
    }

    /** Returns the same for the schedules of a scope. */
    public ScheduleTask withScope(TenantScope value) {
        return new ScheduleTask(store, occurrences, every, value);
    }

    @Override
    public String name() {
        return "schedules";
    }

    @Override
    public Duration every() {
        return every;
    }

    @Override
    public long run() {
        DueSchedules due = store.schedules().due(scope, MOST_SCHEDULES);
        long made = 0;
        RuntimeException failure = null;
        for (Schedule schedule : due.schedules()) {
            try {
                made += advance(schedule, due.now());
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return made;
    }

    /** Returns how many occurrences it has made. */
    private int advance(Schedule schedule, Instant now) {
        int made = 0;
        Instant last = schedule.last();
        for (Instant missed : missed(schedule, now)) {
            if (!store.schedules()
                    .advance(new Advance(schedule.key(), last, missed))
                    .last()
                    .equals(missed)) {
                return made;
            }
            last = missed;
            made++;
        }
        Instant next = next(schedule, last.isAfter(now) ? last : now).orElse(null);
        Schedule after = store.schedules().advance(new Advance(schedule.key(), last, next));
        return next != null && after.last().equals(next) ? made + 1 : made;
    }

    private List<Instant> missed(Schedule schedule, Instant now) {
        return switch (schedule.given().missed()) {
            case SKIP -> List.of();
            case LATEST -> latest(schedule, now, 1);
            case ALL -> latest(schedule, now, MOST_MISSED);
        };
    }

    /** Returns the latest occurrences since the last one: a growing window is searched, however long nobody was there. */
    private List<Instant> latest(Schedule schedule, Instant now, int most) {
        Duration window = FIRST_WINDOW;
        while (true) {
            Instant from = now.minus(window);
            boolean whole = !from.isAfter(schedule.last());
            List<Instant> found = between(schedule, whole ? schedule.last() : from, now, most);
            if (whole || found.size() == most) {
                return found;
            }
            window = window.multipliedBy(4);
        }
    }

    private List<Instant> between(Schedule schedule, Instant after, Instant until, int most) {
        Deque<Instant> found = new ArrayDeque<>();
        @Nullable Instant at = next(schedule, after).orElse(null);
        while (at != null && !at.isAfter(until)) {
            found.add(at);
            if (found.size() > most) {
                found.remove();
            }
            at = next(schedule, at).orElse(null);
        }
        return new ArrayList<>(found);
    }

    private Optional<Instant> next(Schedule schedule, Instant after) {
        return occurrences.next(
                schedule.given().rule(), ZoneId.of(schedule.given().zone()), after);
    }
}
