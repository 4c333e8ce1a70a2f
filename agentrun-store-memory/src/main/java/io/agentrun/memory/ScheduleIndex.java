package io.agentrun.memory;

import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.schedule.ScheduleRules;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The schedules by tenant, project and name. Not thread-safe: one thread at a time. */
final class ScheduleIndex {

    private static final Comparator<ScheduleKey> IN_ORDER = Comparator.comparing(
                    (ScheduleKey key) -> key.owner().tenantId(), IndexKey.BY_CODE_POINT)
            .thenComparing(key -> key.owner().projectId(), IndexKey.BY_CODE_POINT)
            .thenComparing(ScheduleKey::name, IndexKey.BY_CODE_POINT);

    private final TreeMap<ScheduleKey, Schedule> byKey = new TreeMap<>(IN_ORDER);

    /** Does what the write says if it is of a schedule. */
    void apply(Write write) {
        if (write instanceof Write.OfSchedule of) {
            byKey.put(of.schedule().key(), of.schedule());
        } else if (write instanceof Write.NoSchedule none) {
            byKey.remove(none.key());
        }
    }

    Collection<Schedule> all() {
        return byKey.values();
    }

    Optional<Schedule> find(ScheduleKey key) {
        return Optional.ofNullable(byKey.get(key));
    }

    List<Schedule> list(TenantScope scope, List<String> after, int limit) {
        Collection<Schedule> from = after.isEmpty()
                ? byKey.values()
                : byKey.tailMap(new ScheduleKey(new Owner(after.get(0), after.get(1)), after.get(2)), false)
                        .values();
        return from.stream()
                .filter(schedule -> scope.includes(schedule.key().owner()))
                .limit(limit)
                .toList();
    }

    DueSchedules due(TenantScope scope, Instant now, int limit) {
        List<Schedule> due = byKey.values().stream()
                .filter(schedule -> scope.includes(schedule.key().owner()) && ScheduleRules.due(schedule, now))
                .sorted(Comparator.comparing(Schedule::last).thenComparing(Schedule::key, IN_ORDER))
                .limit(limit)
                .toList();
        return new DueSchedules(due, now);
    }
}
