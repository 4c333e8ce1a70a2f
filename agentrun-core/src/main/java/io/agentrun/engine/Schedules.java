package io.agentrun.engine;

import io.agentrun.ScheduleStore;
import io.agentrun.backend.Entry;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.schedule.ScheduleRules;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The schedules of every store. */
final class Schedules implements ScheduleStore {

    private static final Pages<Schedule> PAGES = new Pages<>(
            "schedules",
            3,
            PageBytes.SCHEDULES,
            schedule -> List.of(
                    schedule.key().owner().tenantId(),
                    schedule.key().owner().projectId(),
                    schedule.key().name()));

    private final Context context;

    Schedules(Context context) {
        this.context = context;
    }

    @Override
    public Schedule put(NewSchedule schedule) {
        NewSchedule given = Require.given("schedule", schedule);
        NewSchedule kept = given.withTask(context.intake().task(given.task()));
        return context.backend().write(tx -> {
            Schedule stored = tx.lockSchedule(kept.key()).orNull();
            QueueTask ahead = ahead(tx, stored);
            Schedule next = ScheduleRules.put(kept, stored, tx.now());
            return next.equals(stored) ? stored : write(tx, next, stored == null, ahead, "its schedule was changed");
        });
    }

    /** Locks the task that was made last. */
    private static @Nullable QueueTask ahead(StoreTx tx, @Nullable Schedule schedule) {
        String taskId = schedule == null ? null : schedule.taskId();
        return taskId == null ? null : tx.lockTask(taskId, LockMode.WAIT).orNull();
    }

    private Schedule write(StoreTx tx, Schedule next, boolean isNew, @Nullable QueueTask ahead, String reason) {
        tx.put(new Entry.OfSchedule(next, isNew));
        withdraw(tx, ahead, reason);
        return next;
    }

    private void withdraw(StoreTx tx, @Nullable QueueTask ahead, String reason) {
        Change change = ahead == null ? Change.none() : ScheduleRules.withdraw(ahead, reason, tx.now());
        tx.write(change, context.ids());
    }

    @Override
    public Schedule get(ScheduleKey key) {
        ScheduleKey given = Require.given("key", key);
        return context.backend()
                .read(reads -> reads.findSchedule(given))
                .orElseThrow(() -> new NotFoundException("schedule", given.name()));
    }

    @Override
    public Page<Schedule> list(ScheduleQuery query) {
        ScheduleQuery given = Require.given("query", query);
        return PAGES.read(
                context,
                context.scope().narrow(given.scope()),
                TenantScope::fingerprint,
                given.cursor(),
                given.limit(),
                (reads, scope, after, limit) -> reads.schedules(scope, after, limit));
    }

    @Override
    public DueSchedules due(TenantScope scope, int limit) {
        TenantScope given = Require.given("scope", scope);
        int size = context.intake().page(limit);
        return context.backend().read(reads -> reads.dueSchedules(given, size));
    }

    @Override
    public Schedule advance(Advance advance) {
        Advance given = Require.given("advance", advance);
        String id = context.ids().next(IdSource.QUEUE_TASK);
        return context.backend().write(tx -> advance(tx, given, id));
    }

    private Schedule advance(StoreTx tx, Advance advance, String id) {
        Schedule schedule =
                tx.lockSchedule(advance.key()).orThrow("schedule", advance.key().name());
        if (!ScheduleRules.advances(schedule, advance.expectedLast())) {
            return schedule;
        }
        Instant at = advance.next();
        NewQueueTask input = at == null ? null : ScheduleRules.occurrence(schedule, at);
        // A key that somebody else has used is not taken from them: what is there is the task of the occurrence.
        QueueTask known = input == null || input.idempotencyKey() == null
                ? null
                : tx.findTask(input.owner(), input.idempotencyKey()).orElse(null);
        String taskId = known == null ? id : known.id();
        Schedule next = ScheduleRules.advanced(schedule, at, input == null ? null : taskId, tx.now());
        tx.put(new Entry.OfSchedule(next, false));
        if (input != null && known == null) {
            tx.write(QueueRules.create(input, id, tx.now()), context.ids());
        }
        return next;
    }

    @Override
    public Schedule pause(ScheduleKey key) {
        return change(key, ScheduleRules::pause, "its schedule was paused");
    }

    @Override
    public Schedule resume(ScheduleKey key) {
        return change(key, ScheduleRules::resume, "its schedule was resumed");
    }

    private Schedule change(ScheduleKey key, BiFunction<Schedule, Instant, Schedule> rule, String reason) {
        ScheduleKey given = Require.given("key", key);
        return context.backend().write(tx -> {
            Schedule stored = tx.lockSchedule(given).orThrow("schedule", given.name());
            QueueTask ahead = ahead(tx, stored);
            Schedule next = rule.apply(stored, tx.now());
            return next.equals(stored) ? stored : write(tx, next, false, ahead, reason);
        });
    }

    @Override
    public Schedule delete(ScheduleKey key) {
        ScheduleKey given = Require.given("key", key);
        return context.backend().write(tx -> {
            Schedule stored = tx.lockSchedule(given).orThrow("schedule", given.name());
            QueueTask ahead = ahead(tx, stored);
            tx.put(new Entry.NoSchedule(given));
            withdraw(tx, ahead, "its schedule was deleted");
            return stored;
        });
    }
}
