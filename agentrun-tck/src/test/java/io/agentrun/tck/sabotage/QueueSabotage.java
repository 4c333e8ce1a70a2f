package io.agentrun.tck.sabotage;

import io.agentrun.error.StateConflictException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Stores whose queue loses count (D22). */
final class QueueSabotage {

    private static final Duration JUST_BEFORE = Duration.ofNanos(-1000);

    private QueueSabotage() {}

    /** The runs of a task come as runs do in lists, the newest first. */
    static void newestAttemptFirst(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Page<Run> listByTask(String taskId, String cursor, int limit) {
                Page<Run> page = real.listByTask(taskId, cursor, limit);
                List<Run> runs = new ArrayList<>(page.items());
                Collections.reverse(runs);
                return new Page<>(runs, page.nextCursor());
            }
        };
    }

    /** Of the runs of a task only the one that the task itself names is shown. */
    static void onlyTheLatestAttempt(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Page<Run> listByTask(String taskId, String cursor, int limit) {
                Page<Run> page = real.listByTask(taskId, cursor, 500);
                int last = page.items().size();
                return last == 0 ? page : new Page<>(page.items().subList(last - 1, last), null);
            }
        };
    }

    /** A task has as many attempts as it likes. */
    static Defect retriesAreFree() {
        Map<String, RetryPolicy> asked = new ConcurrentHashMap<>();
        return (store, clock) -> store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask create(NewQueueTask task) {
                if (task == null) {
                    return real.create(null);
                }
                NewQueueTask free = new NewQueueTask(
                        task.owner(),
                        task.place(),
                        task.title(),
                        task.spec(),
                        task.content(),
                        RetryPolicy.of(100, task.retry().delay()),
                        task.notBefore(),
                        task.idempotencyKey(),
                        task.replaceKey(),
                        task.deadlines(),
                        task.limitLabels());
                QueueTask made = real.create(free);
                asked.putIfAbsent(made.id(), task.retry());
                return seen(made);
            }

            @Override
            public QueueTask get(String id) {
                return seen(real.get(id));
            }

            private QueueTask seen(QueueTask task) {
                return task.toBuilder()
                        .retry(asked.getOrDefault(task.id(), task.retry()))
                        .build();
            }
        };
    }

    static void statsOfEverybody(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueStats stats(QueueScope scope) {
                return real.stats(new QueueScope(TenantScope.all(), scope.queue()));
            }

            @Override
            public QueueSnapshot snapshot(QueueScope scope) {
                return real.snapshot(new QueueScope(TenantScope.all(), scope.queue()));
            }
        };
    }

    static void listsOfEverybody(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Page<QueueTask> list(QueueQuery query) {
                return real.list(query.withScope(TenantScope.all()));
            }

            @Override
            public ChangePage<QueueTask> changes(TenantScope scope, String cursor, int limit) {
                return real.changes(TenantScope.all(), cursor, limit);
            }
        };
    }

    /** A late report of an attempt counts for the one that runs now. */
    static void lateReportCounts(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask updateAttempt(AttemptReport report) {
                try {
                    return real.updateAttempt(report);
                } catch (StateConflictException late) {
                    TaskAttempt latest = real.get(report.taskId()).latestAttempt();
                    if (latest == null || latest.attemptId() == null) {
                        throw late;
                    }
                    return real.updateAttempt(new AttemptReport(
                            report.taskId(),
                            latest.number(),
                            latest.attemptId(),
                            report.state(),
                            report.outcome(),
                            report.details(),
                            report.sessionPath()));
                }
            }
        };
    }

    /** Two dispatchers at the same moment start one task. */
    static Defect startedTwice() {
        AtomicInteger inside = new AtomicInteger();
        AtomicReference<Dispatch> last = new AtomicReference<>();
        return (store, clock) -> store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                boolean alone = inside.incrementAndGet() == 1;
                try {
                    Dispatch before = last.get();
                    if (!alone && before != null) {
                        return Optional.of(before);
                    }
                    LockSupport.parkNanos(100_000);
                    Optional<Dispatch> dispatched = real.dispatchNext(request);
                    dispatched.ifPresent(last::set);
                    return dispatched;
                } finally {
                    inside.decrementAndGet();
                }
            }
        };
    }

    /** A task that is due now is not yet due. */
    static void dueIsExclusive(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                return clock.off(JUST_BEFORE, () -> real.dispatchNext(request));
            }
        };
    }

    /** A task is started before its time. */
    static void notBeforeIsNotHeard(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask create(NewQueueTask task) {
                return real.create(new NewQueueTask(
                        task.owner(),
                        task.place(),
                        task.title(),
                        task.spec(),
                        task.content(),
                        task.retry(),
                        null,
                        task.idempotencyKey(),
                        task.replaceKey(),
                        task.deadlines(),
                        task.limitLabels()));
            }
        };
    }

    /** A gentle cancel of a task ends its run at once. */
    static void cancelIsForced(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask cancel(String id, String reason, CancelMode mode) {
                return real.cancel(id, reason, mode == null ? null : CancelMode.FORCE);
            }
        };
    }
}
