package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import java.util.function.Consumer;

/** Opens a store in a process of its own, on the database of the test that has started it. */
final class ChildStore {

    private ChildStore() {}

    /** Does the work with a store on the database with the URL, and closes it. */
    static void use(String url, Consumer<AgentRunStore> work) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(3);
        try (HikariDataSource pool = new HikariDataSource(config);
                AgentRunStore store = PostgresAgentRunStore.builder(pool)
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .build()) {
            work.accept(store);
        }
    }
}
