package io.agentrun.postgres.internal.register;

import io.agentrun.backend.StoreReads;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import java.util.List;
import java.util.Optional;

/**
 * What is read of schedules in a transaction.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface ScheduleReads extends StoreReads {

    /** Returns the transaction. */
    Tx tx();

    @Override
    default Optional<Schedule> findSchedule(ScheduleKey key) {
        return ScheduleTable.find(tx(), key);
    }

    @Override
    default List<Schedule> schedules(TenantScope scope, List<String> after, int limit) {
        return ScheduleTable.list(tx(), scope, after, limit);
    }

    @Override
    default DueSchedules dueSchedules(TenantScope scope, int limit) {
        return ScheduleTable.due(tx(), scope, limit);
    }
}
