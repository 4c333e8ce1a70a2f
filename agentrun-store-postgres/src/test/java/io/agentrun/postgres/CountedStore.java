package io.agentrun.postgres;

import io.agentrun.postgres.testing.TestDatabase;
import javax.sql.DataSource;

/** Stores whose calls cost what they cost, also on a busy machine: no slow look makes a dispatch put held tasks into groups. */
final class CountedStore {

    private static final int NEVER = 1_000_000;

    private CountedStore() {}

    /** Returns a store on the schema of a migrated database, which sends nothing but what its operations need. */
    static PostgresAgentRunStore on(DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .withoutNotifications()
                .crowd(NEVER)
                .build();
    }
}
