package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.error.FailureKind;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.Outcome;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Stores that are wrong about runs that nobody claims. */
final class UnclaimedSabotage {

    private static final Duration MICRO = Duration.ofNanos(1_000);

    private UnclaimedSabotage() {}

    static void ended(PassingStore store, BiFunction<ExpiredQuery, List<Recovery>, List<Recovery>> what) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> endUnclaimed(ExpiredQuery query) {
                return what.apply(query, real.endUnclaimed(query));
            }
        };
    }

    static void neverEnd(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> endUnclaimed(ExpiredQuery query) {
                return query.limit() > 0 ? List.of() : real.endUnclaimed(query);
            }
        };
    }

    static void endAMicrosecondLate(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> endUnclaimed(ExpiredQuery query) {
                return clock.off(MICRO.negated(), () -> real.endUnclaimed(query));
            }
        };
    }

    static void endAMicrosecondEarly(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> endUnclaimed(ExpiredQuery query) {
                return clock.off(MICRO, () -> real.endUnclaimed(query));
            }
        };
    }

    static void theDispatchForgetsTheTime(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Optional<Dispatch> dispatchNext(DispatchRequest request) {
                return real.dispatchNext(request == null ? null : request.withClaimWithin(null));
            }
        };
    }

    /** What was begun and given back ends as if it had not been. */
    static void whatWasBegunEndsToo(PassingStore store, SkewedClock clock) {
        ended(store, (query, done) -> {
            List<Recovery> all = new ArrayList<>(done);
            for (Run run : pending(store.real, query, run -> run.claimLimit() == null && run.epoch() > 0)) {
                all.add(failed(store.real, run));
            }
            return all;
        });
    }

    /** The end costs the task an attempt. */
    static void theyCostAnAttempt(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> endUnclaimed(ExpiredQuery query) {
                List<Recovery> done = new ArrayList<>();
                pending(store.real, query, run -> {
                            ClaimLimit limit = run.claimLimit();
                            return limit != null
                                    && limit.until() != null
                                    && !limit.until().isAfter(clock.instant());
                        })
                        .forEach(run -> done.add(failed(store.real, run)));
                return done;
            }
        };
    }

    private static List<Run> pending(AgentRunStore store, ExpiredQuery query, Predicate<Run> which) {
        return store.runs().list(RunQuery.in(query.scope()).withStatus(RunStatus.PENDING)).items().stream()
                .filter(which)
                .toList();
    }

    private static Recovery failed(AgentRunStore store, Run run) {
        Outcome outcome = Outcome.failed(FailureKind.UNCLAIMED, "nobody");
        return new Recovery(run.id(), RecoveryOutcome.UNCLAIMED, store.runs().finishUnclaimed(run.id(), outcome));
    }
}
