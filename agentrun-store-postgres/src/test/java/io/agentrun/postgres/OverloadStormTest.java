package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.ThreadKind;
import io.agentrun.run.NewRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A minute of ten times as many callers as keep the store busy: what waits is bounded, and leases are kept. */
@Tag("machine")
class OverloadStormTest {

    private static final int CONNECTIONS = 4;
    private static final int RUNS = 40;

    /** Each connection is kept busy by some eight callers, whose appends share statements. */
    private static final int CALLERS = 10 * 8 * CONNECTIONS;

    private static final int BATCH = 3;
    private static final Duration LENGTH = Duration.ofMinutes(1);
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final long MOST_HEAP = 64L << 20;

    private static final List<NewEvent> EVENTS = Collections.nCopies(
            BATCH, new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", "x".repeat(1_000))));

    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(RUNS);
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    static List<ThreadKind> kinds() {
        return ThreadKind.all();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void ten_times_the_load_takes_no_lease_loses_no_event_and_fills_no_memory(ThreadKind kind) throws Exception {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(2 * CONNECTIONS))
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .maxConnections(CONNECTIONS)
                        .build()) {
            List<Fence> fences = leased(store);
            long heapBefore = heap();
            CountDownLatch left = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                int run = i % RUNS;
                kind.start(() -> append(store, fences.get(run), run, left));
            }

            long longest = 0;
            long heapMost = 0;
            for (long end = System.nanoTime() + LENGTH.toNanos(); System.nanoTime() < end; ) {
                longest = Math.max(longest, beat(store, fences));
                heapMost = Math.max(heapMost, heap() - heapBefore);
            }
            over.set(true);
            left.await();

            long events = acknowledged(database, fences);
            System.out.println("overload: " + kind + ", " + CALLERS + " callers, " + events + " events, " + refusals
                    + " refusals, longest heartbeat " + longest / 1_000_000 + " ms, heap +" + (heapMost >> 20)
                    + " MiB");
            assertThat(failure.get()).isNull();
            assertThat(heapMost).isLessThan(MOST_HEAP);
        }
    }

    private static List<Fence> leased(PostgresAgentRunStore store) {
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            String id = store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .build())
                    .id();
            fences.add(store.leases().claim(id, "runner", LEASE).fence());
        }
        return fences;
    }

    /** Appends as fast as it may; a refusal that may be repeated is, after a moment. */
    private void append(PostgresAgentRunStore store, Fence fence, int run, CountDownLatch left) {
        try {
            while (!over.get()) {
                try {
                    store.events().append(fence, EVENTS);
                    acknowledged.addAndGet(run, BATCH);
                } catch (StoreUnavailableException e) {
                    assertThat(e.retryable()).isTrue();
                    refusals.incrementAndGet();
                    Thread.sleep(10);
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        } finally {
            left.countDown();
        }
    }

    /** Extends all leases, and returns how long it took; a refusal that may be repeated is, as a worker does. */
    private long beat(PostgresAgentRunStore store, List<Fence> fences) throws InterruptedException {
        long start = System.nanoTime();
        boolean done = false;
        while (!done) {
            try {
                assertThat(store.leases().heartbeatAll(fences, LEASE))
                        .extracting(ItemAnswer::orThrow)
                        .allSatisfy(beat -> assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE));
                done = true;
            } catch (StoreUnavailableException e) {
                assertThat(e.retryable()).isTrue();
                refusals.incrementAndGet();
            }
        }
        long took = System.nanoTime() - start;
        Thread.sleep(500);
        return took;
    }

    /** Counts what is stored: of each run as much as was acknowledged. */
    private long acknowledged(TestDatabase database, List<Fence> fences) {
        long all = 0;
        for (int i = 0; i < RUNS; i++) {
            String count = "SELECT count(*) FROM agentrun_events WHERE type = 'command_output' AND run_id = '"
                    + fences.get(i).runId() + "'";
            long stored =
                    Long.parseLong(database.queryIn(TestDatabase.SCHEMA, count).get(0));
            assertThat(stored).isGreaterThanOrEqualTo(acknowledged.get(i));
            all += acknowledged.get(i);
        }
        return all;
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
