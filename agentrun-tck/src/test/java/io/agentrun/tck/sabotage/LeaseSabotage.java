package io.agentrun.tck.sabotage;

import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Stores whose leases do not hold what they promise (D7, D8). */
final class LeaseSabotage {

    private static final Duration AHEAD = Duration.ofSeconds(61);
    private static final Duration FAR_AHEAD = Duration.ofDays(365);
    private static final Duration JUST_BEFORE = Duration.ofNanos(-1000);

    private LeaseSabotage() {}

    static Defect stolen() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public RunLease claim(String runId, String runnerId, Duration lease) {
                    try {
                        return real.claim(runId, runnerId, lease);
                    } catch (LeaseConflictException held) {
                        real.release(known.lease(runId).orElseThrow().fence());
                        return real.claim(runId, runnerId, lease);
                    }
                }
            };
        };
    }

    /** A second claim under the holder's id is a heartbeat, so that two processes share one fence. */
    static Defect secondClaimSharesTheFence() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public RunLease claim(String runId, String runnerId, Duration lease) {
                    RunLease held = known.lease(runId).orElse(null);
                    if (held != null && held.fence().runnerId().equals(runnerId)) {
                        Heartbeat beat = real.heartbeat(held.fence(), lease);
                        Instant until = beat.expiresAt();
                        if (beat.signal().holds() && until != null) {
                            return new RunLease(
                                    held.fence(), until, store.real.runs().get(runId));
                        }
                    }
                    return real.claim(runId, runnerId, lease);
                }
            };
        };
    }

    /** A run that was given back starts anew with its next claim. */
    static void startsAnew(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                RunLease claimed = real.claim(runId, runnerId, lease);
                Run run = claimed.run();
                return new RunLease(
                        claimed.fence(),
                        claimed.expiresAt(),
                        run.toBuilder().startedAt(run.updatedAt()).build(),
                        claimed.heldUntilNanos());
            }
        };
    }

    /** What a worker takes is not started. */
    static void takesDoNotStart(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public List<Taken> take(TakeRequest request) {
                return real.take(request).stream()
                        .map(taken -> new Taken(
                                taken.task(),
                                new RunLease(
                                        taken.lease().fence(),
                                        taken.lease().expiresAt(),
                                        taken.lease().run().toBuilder()
                                                .startedAt(null)
                                                .build()),
                                taken.turns()))
                        .toList();
            }
        };
    }

    /** A heartbeat leaves the time until which the process may count on its lease as the claim has set it. */
    static Defect heldAsClaimed() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Heartbeat heartbeat(Fence fence, Duration lease) {
                    Heartbeat beat = real.heartbeat(fence, lease);
                    return known.lease(fence.runId())
                            .map(claimed -> beat.withHeldUntilNanos(claimed.heldUntilNanos()))
                            .orElse(beat);
                }
            };
        };
    }

    /** A claim says that its lease holds for a second longer than it does. */
    static void heldForLonger(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                RunLease claimed = real.claim(runId, runnerId, lease);
                return new RunLease(
                        claimed.fence(),
                        claimed.expiresAt(),
                        claimed.run(),
                        System.nanoTime() + lease.plusSeconds(1).toNanos());
            }
        };
    }

    /** A second claim under the holder's id is taken for that of a lease that has run out. */
    static void secondClaimCosts(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                boolean mine = store.real
                        .runs()
                        .get(runId)
                        .lease()
                        .filter(held -> held.runnerId().equals(runnerId))
                        .isPresent();
                return mine
                        ? clock.off(FAR_AHEAD, () -> real.claim(runId, runnerId, lease))
                        : real.claim(runId, runnerId, lease);
            }
        };
    }

    /** What was never begun is given back as if its runner had released it, again and again. */
    static Defect startsAreNotCounted() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Recovery recover(String runId, long epoch) {
                    Run run = store.real.runs().get(runId);
                    boolean begun = run.status() == RunStatus.RUNNING;
                    Recovery recovered = begun || run.lease().isEmpty() || run.epoch() != epoch
                            ? null
                            : known.lease(runId)
                                    .filter(lease -> lease.fence().epoch() == epoch)
                                    .map(lease ->
                                            new Recovery(runId, RecoveryOutcome.REQUEUED, real.release(lease.fence())))
                                    .orElse(null);
                    return recovered == null ? real.recover(runId, epoch) : recovered;
                }
            };
        };
    }

    /** The second instance runs on a host whose clock is a minute ahead. */
    static Defect clockOfTheHost() {
        AtomicInteger instances = new AtomicInteger();
        return (store, clock) -> {
            if (instances.getAndIncrement() == 0) {
                return;
            }
            store.leases = new PassingLeases(store.leases) {
                @Override
                public RunLease claim(String runId, String runnerId, Duration lease) {
                    return clock.off(AHEAD, () -> real.claim(runId, runnerId, lease));
                }

                @Override
                public Heartbeat heartbeat(Fence fence, Duration lease) {
                    return clock.off(AHEAD, () -> real.heartbeat(fence, lease));
                }

                @Override
                public List<ExpiredLease> listExpired(ExpiredQuery query) {
                    return clock.off(AHEAD, () -> real.listExpired(query));
                }

                @Override
                public Recovery recover(String runId, long epoch) {
                    return clock.off(AHEAD, () -> real.recover(runId, epoch));
                }
            };
        };
    }

    static void recoveryDoesNotCheck(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Recovery recover(String runId, long epoch) {
                Recovery recovery = real.recover(runId, epoch);
                Lease lease = recovery.run().lease().orElse(null);
                return recovery.outcome() == RecoveryOutcome.NOT_NEEDED && lease != null
                        ? clock.off(FAR_AHEAD, () -> real.recover(runId, lease.epoch()))
                        : recovery;
            }
        };
    }

    static void endIsExclusive(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<ExpiredLease> listExpired(ExpiredQuery query) {
                return clock.off(JUST_BEFORE, () -> real.listExpired(query));
            }

            @Override
            public Recovery recover(String runId, long epoch) {
                return clock.off(JUST_BEFORE, () -> real.recover(runId, epoch));
            }
        };
    }

    static void negativeLeases(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                return real.claim(runId, runnerId, lease == null ? null : lease.abs());
            }
        };
    }

    /** Two runners that look at the same moment get the same run. */
    static void handedOutTwice(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Optional<RunLease> claimNext(ClaimRequest request) {
                for (Run run : store.real
                        .runs()
                        .list(RunQuery.in(request.scope())
                                .withStatus(RunStatus.PENDING)
                                .withLimit(1))
                        .items()) {
                    LockSupport.parkNanos(200_000);
                    try {
                        real.claim(run.id(), request.runnerId(), request.lease());
                    } catch (LeaseConflictException lost) {
                        Run now = store.real.runs().get(run.id());
                        Fence fence = new Fence(run.id(), request.runnerId(), now.epoch(), FenceToken.random());
                        return Optional.of(
                                new RunLease(fence, now.lease().orElseThrow().expiresAt(), now));
                    }
                }
                return real.claimNext(request);
            }
        };
    }

    /** Of runs that were made at the same moment the youngest id is taken. */
    static void wrongTieBreak(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Optional<RunLease> claimNext(ClaimRequest request) {
                Optional<Run> first = store
                        .real
                        .runs()
                        .list(RunQuery.in(request.scope())
                                .withStatus(RunStatus.PENDING)
                                .withLimit(500))
                        .items()
                        .stream()
                        .filter(request::accepts)
                        .min(Comparator.comparing(Run::createdAt).thenComparing(Run::id, Comparator.reverseOrder()));
                return first.isPresent()
                                && store.real
                                        .commands()
                                        .list(first.get().id(), 0, 1)
                                        .items()
                                        .isEmpty()
                        ? first.map(run -> real.claim(run.id(), request.runnerId(), request.lease()))
                        : real.claimNext(request);
            }
        };
    }
}
