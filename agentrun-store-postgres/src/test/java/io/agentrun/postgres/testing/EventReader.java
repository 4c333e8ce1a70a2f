package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.postgres.PostgresAgentRunStore;

/**
 * A process of its own that reads all events of a run in pages that are as long as may be asked for, and says how many there were.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class EventReader {

    private EventReader() {}

    /** Begins, with the URL of the database and the id of the run. */
    public static void main(String[] args) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(args[0]);
        config.setMaximumPoolSize(3);
        try (HikariDataSource pool = new HikariDataSource(config);
                AgentRunStore store = PostgresAgentRunStore.builder(pool)
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .build()) {
            long after = 0;
            int events = 0;
            EventPage page;
            do {
                page = store.events().list(args[1], after, 300);
                events += page.items().size();
                after = page.nextAfterSeq();
            } while (!page.items().isEmpty());
            System.out.println("events " + events + " ready " + store.health().ready());
        }
    }
}
