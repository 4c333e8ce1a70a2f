package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.G_6;
import static io.agentrun.rules.Rule.I_1;
import static io.agentrun.rules.Rule.Q_15;
import static io.agentrun.rules.Rule.Q_16;
import static io.agentrun.rules.Rule.Q_17;
import static io.agentrun.rules.Rule.Q_8;
import static io.agentrun.rules.Rule.S_12;

import io.agentrun.model.CancelMode;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.CancelledTasks;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.tck.suite.CancelManySuite;
import io.agentrun.tck.suite.OldRecordsSuite;
import io.agentrun.tck.suite.RetrySuite;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What may go wrong when tasks are tried again, cancelled in numbers, or deleted. */
final class TaskCareSabotages {

    static final List<Sabotage> ALL = List.of(
            retry("a retry forgets its key", Set.of(Q_15, I_1), request -> request.withIdempotencyKey(null)),
            retry("a retry is of one attempt", Set.of(Q_15), request -> request.withPolicy(RetryPolicy.none())),
            retry("a retry does not wait", Set.of(Q_15), request -> request.withNotBefore(null)),
            Sabotage.of(
                    "a retry of an open task is no refusal",
                    Set.of(Q_15),
                    TaskCareSabotages::retryOfOpen,
                    RetrySuite.class),
            cancel(
                    "a cancel of many is of everybody",
                    Set.of(Q_16, G_6),
                    request -> request.withScope(TenantScope.all())),
            cancel("a cancel of many is of any lane", Set.of(Q_16, G_6), request -> request.withLane(null)),
            cancel("a cancel of many is of any queue", Set.of(Q_16, G_6), request -> request.withQueue(null)),
            cancel("a cancel of many is of any state", Set.of(Q_16), request -> request.withState(null)),
            cancel(
                    "a cancel of many is always forced",
                    Set.of(Q_16, Q_8),
                    request -> request.withMode(CancelMode.FORCE)),
            cancel("a cancel of many takes no limit", Set.of(Q_16), request -> request.withLimit(100)),
            Sabotage.of(
                    "a cancel of many ends with the pending tasks",
                    Set.of(Q_16),
                    TaskCareSabotages::withoutRunning,
                    CancelManySuite.class),
            purge("a purge of tasks takes young ones", Set.of(Q_17), TaskCareSabotages::young),
            purge("a purge of tasks takes everybody's", Set.of(Q_17, G_6), TaskCareSabotages::everybodys),
            purge("a purge of tasks takes no limit", Set.of(Q_17), TaskCareSabotages::unlimited),
            purgeOfSessions("a purge of sessions takes young ones", Set.of(S_12), TaskCareSabotages::young),
            purgeOfSessions("a purge of sessions takes everybody's", Set.of(S_12, G_6), TaskCareSabotages::everybodys),
            purgeOfSessions("a purge of sessions takes no limit", Set.of(S_12), TaskCareSabotages::unlimited),
            Sabotage.of(
                    "a purge of tasks deletes nothing",
                    Set.of(Q_17),
                    TaskCareSabotages::deletesNothing,
                    OldRecordsSuite.class));

    private TaskCareSabotages() {}

    private static PurgeRequest young(PurgeRequest request) {
        return new PurgeRequest(request.scope(), Duration.ZERO, request.limit());
    }

    private static PurgeRequest everybodys(PurgeRequest request) {
        return request.withScope(TenantScope.all());
    }

    private static PurgeRequest unlimited(PurgeRequest request) {
        return new PurgeRequest(request.scope(), request.olderThan(), PurgeRequest.MAX_LIMIT);
    }

    private static Sabotage retry(String what, Set<Rule> breaks, UnaryOperator<TaskRetry> other) {
        return Sabotage.of(
                what,
                breaks,
                (store, clock) -> store.queue = new PassingQueue(store.queue) {
                    @Override
                    public QueueTask retry(TaskRetry input) {
                        return real.retry(other.apply(input));
                    }
                },
                RetrySuite.class);
    }

    private static void retryOfOpen(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask retry(TaskRetry input) {
                QueueTask task = real.get(input.taskId());
                return task.state().terminal() ? real.retry(input) : task;
            }
        };
    }

    private static Sabotage cancel(String what, Set<Rule> breaks, UnaryOperator<TaskCancel> other) {
        return Sabotage.of(
                what,
                breaks,
                (store, clock) -> store.queue = new PassingQueue(store.queue) {
                    @Override
                    public CancelledTasks cancelAll(TaskCancel input) {
                        return real.cancelAll(other.apply(input));
                    }
                },
                CancelManySuite.class);
    }

    private static void withoutRunning(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public CancelledTasks cancelAll(TaskCancel input) {
                CancelledTasks step = real.cancelAll(input.withState(TaskState.PENDING));
                return new CancelledTasks(step.cancelled(), step.asked(), step.left(), null);
            }
        };
    }

    private static Sabotage purge(String what, Set<Rule> breaks, UnaryOperator<PurgeRequest> other) {
        return Sabotage.of(
                what,
                breaks,
                (store, clock) -> store.queue = new PassingQueue(store.queue) {
                    @Override
                    public PurgeResult purge(PurgeRequest input) {
                        return real.purge(other.apply(input));
                    }
                },
                OldRecordsSuite.class);
    }

    private static Sabotage purgeOfSessions(String what, Set<Rule> breaks, UnaryOperator<PurgeRequest> other) {
        return Sabotage.of(
                what,
                breaks,
                (store, clock) -> store.sessions = new PassingSessions(store.sessions) {
                    @Override
                    public PurgeResult purge(PurgeRequest input) {
                        return real.purge(other.apply(input));
                    }
                },
                OldRecordsSuite.class);
    }

    private static void deletesNothing(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public PurgeResult purge(PurgeRequest input) {
                return new PurgeResult(1, false);
            }
        };
    }
}
