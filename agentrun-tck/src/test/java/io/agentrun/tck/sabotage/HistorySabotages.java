package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.run.Run;
import io.agentrun.tck.suite.HistorySuite;
import io.agentrun.tck.suite.MomentSuite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** What only calls show that meet on one run. */
final class HistorySabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "an instance reads a run as it saw it the last time",
                    Set.of(R_2),
                    HistorySabotages::readsAreStale,
                    HistorySuite.class),
            Sabotage.of(
                    "an append is answered and lost, every fourth time",
                    Set.of(E_1),
                    HistorySabotages::appendsAreLost,
                    HistorySuite.class),
            Sabotage.of(
                    "a heartbeat repeats what it said before",
                    Set.of(L_6),
                    HistorySabotages::heartbeatsAreStale,
                    HistorySuite.class),
            Sabotage.of(
                    "a release is answered and not stored, every third time",
                    Set.of(L_5),
                    HistorySabotages::releasesAreLost,
                    HistorySuite.class),
            Sabotage.of(
                    "the time of a release is read before its locks",
                    Set.of(G_5),
                    HistorySabotages::timeBeforeTheLocks,
                    MomentSuite.class));

    private static final long LOCK_NANOS = 30_000_000;

    private static final long LATER_MILLIS = 10;

    private HistorySabotages() {}

    static void readsAreStale(PassingStore store, SkewedClock clock) {
        Map<String, Run> seen = new ConcurrentHashMap<>();
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                Run now = real.get(id);
                Run before = seen.put(id, now);
                return before == null ? now : before;
            }
        };
    }

    static void appendsAreLost(PassingStore store, SkewedClock clock) {
        AtomicInteger calls = new AtomicInteger();
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> input) {
                if (calls.incrementAndGet() % 4 != 0) {
                    return real.append(fence, input);
                }
                List<RunEvent> present = real.list(fence.runId(), 0, 500).items();
                List<RunEvent> answer = new ArrayList<>();
                for (NewEvent event : input) {
                    answer.add(new RunEvent(
                            "evt_lost",
                            fence.runId(),
                            present.size() + answer.size() + 1L,
                            event.type(),
                            event.payload(),
                            clock.instant()));
                }
                return answer;
            }
        };
    }

    static void heartbeatsAreStale(PassingStore store, SkewedClock clock) {
        Map<Fence, Heartbeat> said = new ConcurrentHashMap<>();
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Heartbeat heartbeat(Fence fence, Duration lease) {
                return said.computeIfAbsent(fence, first -> real.heartbeat(first, lease));
            }
        };
    }

    static void releasesAreLost(PassingStore store, SkewedClock clock) {
        AtomicInteger calls = new AtomicInteger();
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Run release(Fence fence) {
                if (calls.incrementAndGet() % 3 != 0) {
                    return real.release(fence);
                }
                return store.real.runs().get(fence.runId());
            }
        };
    }

    /** A release waits for what another caller writes meanwhile, as it would for that caller's lock. */
    static void timeBeforeTheLocks(PassingStore store, SkewedClock clock) {
        AtomicReference<Instant> written = new AtomicReference<>(Instant.MIN);
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> appendUnfenced(String id, List<NewEvent> input) {
                List<RunEvent> events = real.appendUnfenced(id, input);
                events.forEach(event -> written.set(event.createdAt()));
                return events;
            }
        };
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Run release(Fence fence) {
                Instant read = clock.instant();
                Instant later = read.plusMillis(LATER_MILLIS);
                long begun = System.nanoTime();
                while (written.get().isBefore(later) && System.nanoTime() - begun < LOCK_NANOS) {
                    LockSupport.parkNanos(LOCK_NANOS / 100);
                }
                return clock.off(Duration.between(clock.instant(), read), () -> real.release(fence));
            }
        };
    }
}
