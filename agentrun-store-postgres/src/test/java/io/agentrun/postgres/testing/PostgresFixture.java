package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.PostgresStoreBuilder;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.UnaryOperator;

/**
 * Two stores with a pool each in a database that holds nothing else, amid {@link HostileNames}; when they are closed, the
 * database's invariants hold.
 * A database is used by one fixture after the other: it is reset in between, and dropped where that is in doubt.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PostgresFixture implements StoreFixture {

    private static final ConcurrentLinkedDeque<Pools> FREE = new ConcurrentLinkedDeque<>();

    private static final Duration POLL = Duration.ofMillis(100);

    /** Longer than any test of the kit waits. */
    private static final Duration NEVER = Duration.ofHours(24);

    private final Pools pools;
    private final UnaryOperator<PostgresStoreBuilder> option;
    private final SwitchableDataSource switchable = new SwitchableDataSource();
    private Duration pollInterval = POLL;
    private AgentRunStore first;
    private AgentRunStore second;

    /** A database with a pool for each of the two stores. */
    private record Pools(TestDatabase database, HikariDataSource first, HikariDataSource second) {

        private static Pools take() {
            Pools free = FREE.poll();
            if (free != null) {
                return free;
            }
            TestDatabase database = TestDatabase.migrated();
            // The kit examines the store after each test, while it is open.
            database.leaveUnexamined();
            return new Pools(database, database.hostilePool(20), database.hostilePool(20));
        }
    }

    /** Opens both stores. */
    public PostgresFixture() {
        this(builder -> builder);
    }

    /** Opens both stores with an option more. */
    public PostgresFixture(UnaryOperator<PostgresStoreBuilder> option) {
        this.pools = Pools.take();
        this.option = option;
        this.first = open(pools.first());
        this.second = open(pools.second());
    }

    private AgentRunStore open(HikariDataSource pool) {
        PostgresStoreBuilder builder = PostgresAgentRunStore.builder(switchable.over(pool))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(pollInterval);
        return option.apply(builder).build();
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public AgentRunStore store() {
        return first;
    }

    @Override
    public AgentRunStore second() {
        return second;
    }

    @Override
    public void advance(Duration by) {
        pools.database().advance(by);
    }

    @Override
    public void freeze() {
        pools.database().freeze();
    }

    @Override
    public void stopPolling() {
        pollInterval = NEVER;
        Persistence kept = reopen();
        assertThat(kept).isEqualTo(Persistence.KEPT);
    }

    @Override
    public Persistence reopen() {
        first.close();
        second.close();
        first = open(pools.first());
        second = open(pools.second());
        return Persistence.KEPT;
    }

    @Override
    public Reach cutOff() {
        switchable.off();
        pools.database().endConnections();
        // A pool looks at a connection that was used a moment ago only when it fails.
        pools.first().getHikariPoolMXBean().softEvictConnections();
        pools.second().getHikariPoolMXBean().softEvictConnections();
        return Reach.CUT_OFF;
    }

    @Override
    public void restore() {
        switchable.on();
    }

    /** Closes the databases that are kept for the next fixtures. */
    public static void closeFree() {
        for (Pools free = FREE.poll(); free != null; free = FREE.poll()) {
            free.database().close();
        }
    }

    @Override
    public void close() {
        first.close();
        second.close();
        boolean clean = false;
        try {
            assertThat(Invariants.broken(pools.database())).isEmpty();
            assertThat(HostileNames.calls(pools.database())).isZero();
            pools.database().reset();
            // Who still has a connection may still write.
            clean = !pools.database().isBusy();
        } finally {
            if (clean) {
                FREE.push(pools);
            } else {
                pools.database().close();
            }
        }
    }
}
