package io.agentrun.tck.sabotage;

import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.time.Duration;
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

    static void stolen(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                try {
                    return real.claim(runId, runnerId, lease);
                } catch (LeaseConflictException held) {
                    Lease stolen = store.real.runs().get(runId).lease().orElseThrow();
                    real.release(new Fence(runId, stolen.runnerId(), stolen.epoch()));
                    return real.claim(runId, runnerId, lease);
                }
            }
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

    static void secondClaimBeginsAnEpoch(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                RunLease first = real.claim(runId, runnerId, lease);
                if (store.real.events().list(runId, 0, 500).items().stream()
                                .filter(event -> event.payload()
                                        .string("phase")
                                        .orElse("")
                                        .equals("run-claimed"))
                                .count()
                        < first.fence().epoch()) {
                    return first;
                }
                real.release(first.fence());
                return real.claim(runId, runnerId, lease);
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
                        Fence fence = new Fence(run.id(), request.runnerId(), now.epoch());
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
