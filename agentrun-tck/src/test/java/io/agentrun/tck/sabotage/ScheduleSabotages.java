package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.G_6;
import static io.agentrun.rules.Rule.T_1;
import static io.agentrun.rules.Rule.T_2;
import static io.agentrun.rules.Rule.T_3;
import static io.agentrun.rules.Rule.T_4;

import io.agentrun.ScheduleStore;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.Rule;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.tck.suite.ScheduleSuite;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What may go wrong with schedules. */
final class ScheduleSabotages {

    static final List<Sabotage> ALL = List.of(
            of("who comes second advances too", Set.of(T_2), real -> new PassingSchedules(real) {
                @Override
                public Schedule advance(Advance input) {
                    return super.advance(
                            new Advance(input.key(), real.get(input.key()).last(), input.next()));
                }
            }),
            of("a pause is forgotten", Set.of(T_3), real -> new PassingSchedules(real) {
                @Override
                public Schedule pause(ScheduleKey key) {
                    return super.get(key);
                }
            }),
            of("a resumed schedule stays paused", Set.of(T_3), real -> new PassingSchedules(real) {
                @Override
                public Schedule resume(ScheduleKey key) {
                    return super.get(key);
                }
            }),
            of("a deletion is forgotten", Set.of(T_3), real -> new PassingSchedules(real) {
                @Override
                public Schedule delete(ScheduleKey key) {
                    return super.get(key);
                }
            }),
            of("what is the same is a change", Set.of(T_1), real -> new PassingSchedules(real) {
                @Override
                public Schedule put(NewSchedule input) {
                    super.put(input.withRule(input.rule() + " "));
                    return super.put(input);
                }
            }),
            of("nothing is ever skipped", Set.of(T_4), real -> new PassingSchedules(real) {
                @Override
                public Schedule put(NewSchedule input) {
                    return super.put(input.withMissed(MissedPolicy.LATEST));
                }
            }),
            of("what is due is everybody's", Set.of(G_6), real -> new PassingSchedules(real) {
                @Override
                public DueSchedules due(TenantScope input, int limit) {
                    return super.due(TenantScope.all(), limit);
                }
            }));

    private ScheduleSabotages() {}

    private static Sabotage of(String what, Set<Rule> breaks, UnaryOperator<ScheduleStore> other) {
        return Sabotage.of(
                what, breaks, (store, clock) -> store.schedules = other.apply(store.schedules), ScheduleSuite.class);
    }
}
