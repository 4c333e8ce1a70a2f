package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.NewRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Until when a lease is held, by a ticker that moves whenever it is read, and by a second whenever the store reads its clock: what is
 * counted from an answer, or from a sending that did not win, shows. The engine counts for all stores.
 */
class HeldLeaseTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .build();
    private static final Duration LEASE = Duration.ofMinutes(2);
    private static final long SECOND = 1_000_000_000;

    /** It passes the largest number while the tests run, as a ticker may. */
    private final AtomicLong ticks = new AtomicLong(Long.MAX_VALUE - SECOND);

    private final AtomicLong lastRead = new AtomicLong();
    private final CountDownLatch read = new CountDownLatch(1);

    private final InMemoryAgentRunStore store = InMemoryAgentRunStore.builder()
            .clock(new Clock() {
                @Override
                public Instant instant() {
                    ticks.addAndGet(SECOND);
                    return Instant.EPOCH;
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            })
            .ticker(() -> {
                lastRead.set(ticks.addAndGet(10));
                read.countDown();
                return lastRead.get();
            })
            .build();

    /** It is counted from the last time that the ticker was read, and the store has read its clock after that. */
    private void assertSent(@Nullable Long heldUntil) {
        assertThat(heldUntil).isEqualTo(lastRead.get() + LEASE.toNanos());
        assertThat(ticks.get() - lastRead.get()).isGreaterThanOrEqualTo(SECOND);
    }

    @Test
    void it_is_counted_from_before_the_store_reads_its_time() {
        RunLease claimed = store.leases().claim(store.runs().create(RUN).id(), "runner", LEASE);
        assertSent(claimed.heldUntilNanos());

        store.runs().create(RUN);
        assertSent(store.leases()
                .claimNext(ClaimRequest.by("runner", LEASE))
                .orElseThrow()
                .heldUntilNanos());
        assertSent(store.leases().heartbeat(claimed.fence(), LEASE).heldUntilNanos());
        List<ItemAnswer<Heartbeat>> beats = store.leases().heartbeatAll(List.of(claimed.fence()), LEASE);
        assertSent(beats.get(0).orThrow().heldUntilNanos());
    }

    @Test
    void a_take_that_waited_counts_from_the_look_that_found_something() throws Exception {
        TakeRequest take = TakeRequest.by("runner", DispatchRequest.fromQueue("q"))
                .withLease(LEASE)
                .withTimeout(Duration.ofMinutes(1));
        CompletableFuture<List<Taken>> taken = CompletableFuture.supplyAsync(
                () -> store.queue().take(take), task -> new Thread(task, "taker").start());
        read.await();
        long first = lastRead.get();

        store.queue()
                .create(NewQueueTask.builder(RUN.owner(), "q", "a task", RUN.spec())
                        .payload(JsonObject.of("text", "go"))
                        .build());

        RunLease lease = taken.get().get(0).lease();
        assertSent(lease.heldUntilNanos());
        assertThat(lastRead.get() - first).isPositive();
    }

    @Test
    void views_and_siblings_count_by_the_same_ticker() {
        String run = store.runs().create(RUN).id();

        RunLease claimed = store.within(TenantScope.tenant("t")).leases().claim(run, "runner", LEASE);
        assertSent(claimed.heldUntilNanos());
        try (InMemoryAgentRunStore sibling = store.sibling()) {
            assertSent(sibling.leases().heartbeat(claimed.fence(), LEASE).heldUntilNanos());
        }
    }
}
