package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.RunEvent;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.util.List;

/**
 * A store for many callers at once, which combines their statements, in a database of its own; when it is closed, the
 * database's invariants hold.
 *
 * <p>Thread-safe.
 */
public final class GroupedStore implements AutoCloseable {

    private final TestDatabase database = TestDatabase.migrated();
    private final PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(16))
            .schema(TestDatabase.SCHEMA)
            .withoutMigration()
            .build();

    /** Returns the database behind the store. */
    public TestDatabase database() {
        return database;
    }

    /** Returns the store. */
    public PostgresAgentRunStore store() {
        return store;
    }

    /** Creates a pending run. */
    public Run newRun() {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    /** Returns the first 500 events of the run. */
    public List<RunEvent> eventsOf(Run run) {
        return store.events().list(run.id(), 0, 500).items();
    }

    @Override
    public void close() {
        store.close();
        assertThat(Invariants.broken(database)).isEmpty();
        database.close();
    }
}
