package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.PostgresStoreBuilder;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.UnaryOperator;

/**
 * Two stores with a pool each in a database that holds nothing else; when they are closed, the database's invariants hold.
 * A database is used by one fixture after the other: it is reset in between, and dropped where that is in doubt.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PostgresFixture implements StoreFixture {

    private static final ConcurrentLinkedDeque<Place> FREE = new ConcurrentLinkedDeque<>();

    private final Place place;
    private final AgentRunStore first;
    private final AgentRunStore second;

    /** A database with a pool for each of the two stores. */
    private record Place(TestDatabase database, HikariDataSource first, HikariDataSource second) {

        private static Place take() {
            Place free = FREE.poll();
            if (free != null) {
                return free;
            }
            TestDatabase database = TestDatabase.migrated();
            return new Place(database, database.pool(20), database.pool(20));
        }
    }

    /** Opens both stores. */
    public PostgresFixture() {
        this(builder -> builder);
    }

    /** Opens both stores with an option more. */
    public PostgresFixture(UnaryOperator<PostgresStoreBuilder> option) {
        place = Place.take();
        first = open(place.first(), option);
        second = open(place.second(), option);
    }

    private static AgentRunStore open(HikariDataSource pool, UnaryOperator<PostgresStoreBuilder> option) {
        PostgresStoreBuilder builder = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(100));
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
        place.database().advance(by);
    }

    @Override
    public List<String> declarations() {
        return List.of("time passes by itself");
    }

    @Override
    public void close() {
        first.close();
        second.close();
        boolean clean = false;
        try {
            assertThat(Invariants.broken(place.database())).isEmpty();
            place.database().reset();
            // Who still has a connection may still write.
            clean = !place.database().isBusy();
        } finally {
            if (clean) {
                FREE.push(place);
            } else {
                place.database().close();
            }
        }
    }
}
