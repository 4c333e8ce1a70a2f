package io.agentrun.tck.sabotage;

import io.agentrun.ScheduleStore;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;

/** Passes every call on; a sabotage overrides one. */
class PassingSchedules implements ScheduleStore {

    final ScheduleStore real;

    PassingSchedules(ScheduleStore real) {
        this.real = real;
    }

    @Override
    public Schedule put(NewSchedule input) {
        return real.put(input);
    }

    @Override
    public Schedule get(ScheduleKey key) {
        return real.get(key);
    }

    @Override
    public Page<Schedule> list(ScheduleQuery input) {
        return real.list(input);
    }

    @Override
    public DueSchedules due(TenantScope input, int limit) {
        return real.due(input, limit);
    }

    @Override
    public Schedule advance(Advance input) {
        return real.advance(input);
    }

    @Override
    public Schedule pause(ScheduleKey key) {
        return real.pause(key);
    }

    @Override
    public Schedule resume(ScheduleKey key) {
        return real.resume(key);
    }

    @Override
    public Schedule delete(ScheduleKey key) {
        return real.delete(key);
    }
}
