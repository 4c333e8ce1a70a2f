package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Until when a lease is held, by a ticker that the test moves. */
class HeldLeaseTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .maxAttempts(3)
            .build();
    private static final Duration LEASE = Duration.ofMinutes(2);

    private final AtomicLong ticks = new AtomicLong(1_000);

    private TestDatabase database;
    private DataSource pool;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        pool = database.pool(6);
        store = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .ticker(ticks::get)
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private void awaitBlocked() {
        String blocked =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (database.query(blocked).equals(List.of("1"))) {
                return;
            }
        }
        throw new AssertionError("the heartbeat does not wait for the row");
    }

    @Test
    void what_a_statement_waits_for_a_lock_does_not_lengthen_a_lease() throws Exception {
        RunLease lease = store.leases().claim(store.runs().create(RUN).id(), "runner", LEASE);
        try (Connection host = pool.getConnection()) {
            host.setAutoCommit(false);
            store.in(host).leases().heartbeat(lease.fence(), LEASE);
            CompletableFuture<Long> held = CompletableFuture.supplyAsync(
                    () -> store.leases().heartbeat(lease.fence(), LEASE).heldUntilNanos());
            awaitBlocked();
            ticks.set(9_000_000);

            host.commit();

            assertThat(held.get()).isEqualTo(1_000 + LEASE.toNanos());
        }
    }

    @Test
    void after_a_statement_that_did_not_win_the_next_one_counts() {
        String run = store.runs().create(RUN).id();
        store.leases().claim(run, "lost", Duration.ofSeconds(10));
        database.advance(Duration.ofMinutes(1));
        AtomicLong reads = new AtomicLong();
        try (PostgresAgentRunStore counting = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .ticker(() -> 1_000 * reads.incrementAndGet())
                .build()) {

            // The claim in one statement is refused, because the lease that ran out has to be recovered first.
            RunLease lease = counting.leases().claim(run, "runner", LEASE);

            assertThat(reads).hasValue(2);
            assertThat(lease.heldUntilNanos()).isEqualTo(2_000 + LEASE.toNanos());
        }
    }

    @Test
    void a_lease_that_was_asked_for_in_the_hosts_transaction_says_so_before_it_is_committed() throws SQLException {
        String run = store.runs().create(RUN).id();
        try (Connection host = pool.getConnection()) {
            host.setAutoCommit(false);

            RunLease lease = store.in(host).leases().claim(run, "runner", LEASE);

            host.rollback();
            assertThat(lease.heldUntilNanos()).isEqualTo(1_000 + LEASE.toNanos());
            assertThat(store.runs().get(run).lease()).isEmpty();
        }
    }
}
