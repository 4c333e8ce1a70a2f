package io.agentrun.h2;

import static io.agentrun.h2.Table.SCHEDULES;

import io.agentrun.backend.*;
import io.agentrun.model.TenantScope;
import io.agentrun.schedule.*;
import java.time.Instant;
import java.util.*;

/** The schedules. Not thread-safe: one thread at a time. */
interface ScheduleRows extends StoreTx {

    String KEY = "tenant = ? AND project = ? AND name = ?";
    String BYTES = "STRINGTOUTF8(tenant), STRINGTOUTF8(project), STRINGTOUTF8(name)";

    Sql sql();

    private static Object[] values(ScheduleKey key) {
        return new Object[] {key.owner().tenantId(), key.owner().projectId(), key.name()};
    }

    @Override
    default Optional<Schedule> findSchedule(ScheduleKey key) {
        return SCHEDULES.from(sql()).and(KEY, values(key)).first("name");
    }

    @Override
    default Locked<Schedule> lockSchedule(ScheduleKey key) {
        return Locked.of(findSchedule(key));
    }

    @Override
    default List<Schedule> schedules(TenantScope scope, List<String> after, int limit) {
        var schedules = SCHEDULES.from(sql()).in(scope);
        if (!after.isEmpty()) {
            String further = "(" + BYTES + ") > (STRINGTOUTF8(?), STRINGTOUTF8(?), STRINGTOUTF8(?))";
            schedules.and(further, after.get(0), after.get(1), after.get(2));
        }
        return schedules.list(BYTES, limit);
    }

    @Override
    default DueSchedules dueSchedules(TenantScope scope, int limit) {
        Instant now = now();
        var due = SCHEDULES
                .from(sql())
                .in(scope)
                .is("state", ScheduleState.ACTIVE)
                .and("last_at <= ?", now);
        return new DueSchedules(due.list("last_at, " + BYTES, limit), now);
    }

    default void putSchedule(Entry entry) {
        if (entry instanceof Entry.OfSchedule of) {
            SCHEDULES.save(sql(), of.schedule());
        } else if (entry instanceof Entry.NoSchedule none) {
            sql().update("DELETE FROM schedules WHERE " + KEY, values(none.key()));
        }
    }
}
