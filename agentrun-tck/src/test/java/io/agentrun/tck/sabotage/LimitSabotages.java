package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.AgentRunStore;
import io.agentrun.inspect.Reason;
import io.agentrun.lease.Fence;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitBy;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.tck.suite.LimitChangeSuite;
import io.agentrun.tck.suite.LimitSuite;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What is done to a store that must obey limits. */
final class LimitSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "a limit allows one attempt more",
                    Set.of(M_2),
                    setting(limit -> limit.kind() == LimitKind.RUNNING ? more(limit, 1) : limit),
                    LimitSuite.class),
            Sabotage.of(
                    "a limit allows one attempt less",
                    Set.of(M_2),
                    setting(limit -> limit.most() > 1 ? more(limit, -1) : limit),
                    LimitSuite.class),
            Sabotage.of(
                    "a window of starts is half as long",
                    Set.of(M_3),
                    setting(limit -> limit.period() == null
                            ? limit
                            : new Limit(
                                    limit.key(), limit.most(), limit.period().dividedBy(2))),
                    LimitSuite.class),
            Sabotage.of(
                    "a window of starts is a microsecond longer",
                    Set.of(M_3),
                    setting(limit -> limit.period() == null || limit.period().toDays() > 1
                            ? limit
                            : new Limit(
                                    limit.key(), limit.most(), limit.period().plusNanos(1_000))),
                    LimitSuite.class),
            Sabotage.of(
                    "the limit for each value counts all of them together",
                    Set.of(M_1),
                    LimitSabotages::eachTogether,
                    LimitSuite.class),
            Sabotage.of(
                    "the smaller limit counts, not the one of the value",
                    Set.of(M_1),
                    setting(limit ->
                            limit.key().by() == LimitBy.LABEL && !limit.key().each()
                                    ? new Limit(limit.key(), Math.min(limit.most(), 2), limit.period())
                                    : limit),
                    LimitSuite.class),
            Sabotage.of(
                    "a task whose limit is full stops the queue",
                    Set.of(M_4),
                    LimitSabotages::fullStops,
                    LimitSuite.class),
            Sabotage.of(
                    "attempts under way do not count when a limit is set",
                    Set.of(M_5),
                    LimitSabotages::underWayIsFree,
                    LimitChangeSuite.class),
            Sabotage.of(
                    "a run that is given back no longer counts",
                    Set.of(M_6),
                    LimitSabotages::releaseFrees,
                    LimitSuite.class),
            Sabotage.of("the end of a run gives nothing back", Set.of(M_6), LimitSabotages::endKeeps, LimitSuite.class),
            Sabotage.of("a limit cannot be removed", Set.of(M_7), LimitSabotages::stays, LimitChangeSuite.class));

    private LimitSabotages() {}

    private static Limit more(Limit limit, int by) {
        return new Limit(limit.key(), Math.min(Limit.MOST, limit.most() + by), limit.period());
    }

    private static Defect setting(UnaryOperator<Limit> change) {
        return (store, clock) -> store.limits = new PassingLimits(store.limits) {
            @Override
            public Limit set(Limit limit) {
                real.set(change.apply(limit));
                return limit;
            }
        };
    }

    /** With a limit for each tenant nobody begins while anybody runs. */
    private static void eachTogether(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                boolean together = store.real
                        .limits()
                        .get(LimitKey.eachTenant(), LimitKind.RUNNING)
                        .isPresent();
                boolean running = !store.real
                        .queue()
                        .list(QueueQuery.in(request.scope()).withState(TaskState.RUNNING))
                        .items()
                        .isEmpty();
                return together && running ? Optional.empty() : real.dispatchNext(request);
            }
        };
    }

    private static void fullStops(PassingStore store, SkewedClock clock) {
        store.queue =
                new PassingQueue(store.queue) {
                    @Override
                    public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                        Optional<QueueTask> first = store
                                .real
                                .queue()
                                .list(QueueQuery.in(request.scope()).withState(TaskState.PENDING))
                                .items()
                                .stream()
                                .findFirst();
                        boolean full = first.map(task ->
                                        store.real.inspect().task(task.id()).reason() instanceof Reason.LimitFull)
                                .orElse(false);
                        return full ? Optional.empty() : real.dispatchNext(request);
                    }
                };
    }

    private static void underWayIsFree(PassingStore store, SkewedClock clock) {
        store.limits = new PassingLimits(store.limits) {
            @Override
            public Limit set(Limit limit) {
                real.set(limit);
                int running = store.real
                        .queue()
                        .list(QueueQuery.in(io.agentrun.model.TenantScope.all()).withState(TaskState.RUNNING))
                        .items()
                        .size();
                real.set(more(limit, limit.most() == 0 ? 0 : running));
                return limit;
            }
        };
    }

    /** Every running limit by a queue allows one more from now on. */
    private static void changeAll(AgentRunStore store, int by) {
        store.limits().list(null, 100).items().stream()
                .filter(limit -> limit.kind() == LimitKind.RUNNING && limit.most() + by >= 0)
                .forEach(limit -> store.limits().set(more(limit, by)));
    }

    private static void releaseFrees(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Run release(Fence fence) {
                Run run = real.release(fence);
                changeAll(store.real, 1);
                return run;
            }
        };
    }

    private static void endKeeps(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run finish(Fence fence, TurnResult result) {
                Run run = real.finish(fence, result);
                changeAll(store.real, -1);
                return run;
            }
        };
    }

    private static void stays(PassingStore store, SkewedClock clock) {
        store.limits = new PassingLimits(store.limits) {
            @Override
            public boolean remove(LimitKey key, LimitKind kind) {
                return real.get(key, kind).isPresent();
            }
        };
    }
}
