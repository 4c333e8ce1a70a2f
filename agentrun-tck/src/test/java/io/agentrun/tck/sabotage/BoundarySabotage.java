package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Stores that are wrong at a boundary: of time, of a scope, of a batch, between a look and a lock. */
final class BoundarySabotage {

    private static final Duration MICRO = Duration.ofNanos(1_000);
    private static final long MOMENT_NANOS = 200_000;
    private static final int MOMENTS = 200;

    private BoundarySabotage() {}

    /** {@code expires_at < now} where it must be {@code <=}. */
    static void claimJustAfterTheEnd(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String id, String runner, Duration lease) {
                boolean leased = store.real.runs().get(id).lease().isPresent();
                return leased
                        ? clock.off(MICRO.negated(), () -> real.claim(id, runner, lease))
                        : real.claim(id, runner, lease);
            }
        };
    }

    static void listJustAfterTheEnd(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<ExpiredLease> listExpired(ExpiredQuery query) {
                return clock.off(MICRO.negated(), () -> real.listExpired(query));
            }
        };
    }

    static void collectJustAfterTheExpiry(PassingStore store, SkewedClock clock) {
        store.storage = new PassingStorage(store.storage) {
            @Override
            public List<StorageClaim> claimExpired(StorageClaimRequest request) {
                return clock.off(MICRO.negated(), () -> real.claimExpired(request));
            }
        };
    }

    static void dispatchAMicrosecondEarly(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                return clock.off(MICRO, () -> real.dispatchNext(request));
            }
        };
    }

    /** A task with a session is never told to wait. */
    static void sessionsDoNotWait(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask create(NewQueueTask task) {
                if (task == null || task.content().session() == null) {
                    return real.create(task);
                }
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

    /** The acknowledgement is stored on the command alone. */
    static void acknowledgedRunsKeepTheirTime(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                Run run = real.get(id);
                return run.toBuilder()
                        .updatedAt(run.isTerminal() ? run.updatedAt() : run.createdAt())
                        .build();
            }
        };
    }

    static void oldestOfEverybody(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueStats stats(QueueScope scope) {
                QueueStats own = real.stats(scope);
                return with(
                        own,
                        own.due(),
                        real.stats(scope.withScope(TenantScope.all())).oldestPendingAt());
            }
        };
    }

    /** What waits for its time is counted over all tenants, and taken from the pending ones of the scope. */
    static void delayedOfEverybody(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueStats stats(QueueScope scope) {
                QueueStats own = real.stats(scope);
                QueueStats all = real.stats(scope.withScope(TenantScope.all()));
                long delayed = pending(all) - all.due();
                return with(own, Math.max(0, pending(own) - delayed), own.oldestPendingAt());
            }
        };
    }

    private static long pending(QueueStats stats) {
        return stats.byState().getOrDefault(TaskState.PENDING, 0L);
    }

    static void oldestOfRunningOnes(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueStats stats(QueueScope scope) {
                QueueStats stats = real.stats(scope);
                QueueQuery open = QueueQuery.in(scope.scope()).withQueue(scope.queue());
                Instant oldest = stats.oldestPendingAt();
                for (QueueTask task :
                        real.list(open.withState(TaskState.RUNNING)).items()) {
                    oldest = oldest == null || task.createdAt().isBefore(oldest) ? task.createdAt() : oldest;
                }
                return with(stats, stats.due(), oldest);
            }
        };
    }

    private static QueueStats with(QueueStats stats, long due, Instant oldest) {
        return new QueueStats(
                stats.scope(), stats.byState(), stats.byLane(), due, stats.waiting(), oldest, stats.generatedAt());
    }

    /** The cursor's condition, an OR without brackets, lets tasks of lower priorities in, whoever's they are. */
    static void laterPagesOfEverybody(PassingStore store, SkewedClock clock) {
        store.queue =
                new PassingQueue(store.queue) {
                    @Override
                    public Page<QueueTask> list(QueueQuery query) {
                        Page<QueueTask> page = real.list(query);
                        if (query.cursor() == null || page.items().isEmpty()) {
                            return page;
                        }
                        int priority = page.items().get(0).place().priority();
                        List<QueueTask> more =
                                real.list(QueueQuery.in(TenantScope.all()).withLimit(500)).items().stream()
                                        .filter(task -> task.place().priority() < priority)
                                        .limit(1)
                                        .toList();
                        return more.isEmpty() ? page : new Page<>(more, page.nextCursor());
                    }
                };
    }

    /** The guard of the statement for several events was forgotten. */
    static void severalEventsAfterTheEnd(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
                try {
                    return real.appendUnfenced(runId, events);
                } catch (AlreadyTerminalException over) {
                    if (events.size() > 1) {
                        return List.of();
                    }
                    throw over;
                }
            }
        };
    }

    /** Calls that meet are held against the runner alone. */
    static Defect anyEpochOfTheRunner() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.events = new PassingEvents(store.events) {
                @Override
                public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                    return real.append(ofTheRunner(known, fence), events);
                }
            };
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Heartbeat heartbeat(Fence fence, Duration lease) {
                    return real.heartbeat(ofTheRunner(known, fence), lease);
                }
            };
        };
    }

    private static Fence ofTheRunner(KnownFences known, Fence given) {
        Fence current = known.current(given);
        return current.runnerId().equals(given.runnerId()) ? current : given;
    }

    /** A cancelled task is looked at without a lock: its run, begun a moment later, stays open. */
    static void cancelMissesTheRun(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask cancel(String id, String reason, CancelMode mode) {
                QueueTask seen = real.get(id);
                QueueTask now = seen;
                // Long enough for the dispatch at the same moment, on a machine that is busy too.
                for (int i = 0; i < MOMENTS && now.state() == TaskState.PENDING; i++) {
                    LockSupport.parkNanos(MOMENT_NANOS);
                    now = real.get(id);
                }
                return seen.state() == TaskState.PENDING && now.state() == TaskState.RUNNING
                        ? now
                        : real.cancel(id, reason, mode);
            }
        };
    }

    /** Whether the session has an open turn was looked at before the lock, and is not looked at again. */
    static void dispatchBesideAnOpenTurn(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                Optional<Dispatch> found = real.dispatchNext(request);
                QueueQuery pending = QueueQuery.inQueue(request.queue()).withState(TaskState.PENDING);
                List<QueueTask> left = real.list(pending).items();
                if (found.isPresent() || left.isEmpty() || left.get(0).content().session() == null) {
                    return found;
                }
                QueueTask task = left.get(0);
                Run run = store.real
                        .runs()
                        .create(NewRun.builder(task.owner(), task.spec())
                                .session(task.content().session())
                                .build());
                Command turn = store.real
                        .commands()
                        .create(run.id(), NewCommand.turn(task.content().payload()));
                return Optional.of(new Dispatch(task, run, turn));
            }
        };
    }

    /** Of a live task the runs of all attempts stay, not that of the latest one alone. */
    static void purgeSparesLiveTasks(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public PurgeResult purge(PurgeRequest request) {
                boolean live = request != null
                        && store.real.queue().list(QueueQuery.in(request.scope())).items().stream()
                                .anyMatch(task -> !task.state().terminal() && task.latestAttempt() != null);
                return live ? new PurgeResult(0, false) : real.purge(request);
            }
        };
    }
}
