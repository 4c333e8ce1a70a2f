package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;

/**
 * Two stores with a pool each in a database of their own; when they are closed, the database's invariants hold.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PostgresFixture implements StoreFixture {

    private final TestDatabase database = TestDatabase.migrated();
    private final AgentRunStore first = open();
    private final AgentRunStore second = open();

    private AgentRunStore open() {
        return PostgresAgentRunStore.builder(database.pool(20))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(100))
                .build();
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
        database.advance(by);
    }

    /** The database, for tests that look behind the store. */
    public TestDatabase database() {
        return database;
    }

    @Override
    public void close() {
        first.close();
        second.close();
        try {
            assertThat(Invariants.broken(database)).isEmpty();
        } finally {
            database.close();
        }
    }
}
