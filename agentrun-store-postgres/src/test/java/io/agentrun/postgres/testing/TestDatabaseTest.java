package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.NewBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestDatabaseTest {

    private static final String CONTENT = """
            SELECT format('%s %s', c.relname, query_to_xml(format('SELECT * FROM %s', c.oid::regclass), false, false, ''))
            FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
            UNION ALL
            SELECT format('%s %s', sequencename, last_value)
            FROM pg_sequences
            WHERE schemaname = current_schema()
            UNION ALL
            SELECT pg_get_functiondef(oid)
            FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace
            ORDER BY 1
            """;

    @Test
    void a_database_that_was_reset_is_as_a_new_one() {
        try (TestDatabase database = TestDatabase.migrated();
                TestDatabase untouched = TestDatabase.migrated()) {
            List<String> before = content(database);
            write(database);
            List<String> written = content(database);

            database.reset();

            assertThat(written).isNotEqualTo(before);
            assertThat(content(database)).isEqualTo(before).isEqualTo(content(untouched));
        }
    }

    private static List<String> content(TestDatabase database) {
        return new ArrayList<>(database.queryIn(TestDatabase.SCHEMA, CONTENT));
    }

    private static void write(TestDatabase database) {
        try (AgentRunStore store = PostgresAgentRunStore.builder(database.pool(2))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build()) {
            store.runners().saveBackend(NewBackend.of(BackendProfile.CODEX).withHealth(JsonObject.of("status", "odd")));
            store.queue()
                    .create(NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX))
                            .session(SessionRef.of("s"))
                            .build());
            store.queue().dispatchNext(DispatchRequest.any());
            database.execute("UPDATE \"agent\"\"run\".agentrun_feeds SET generation = 7");
            database.advance(Duration.ofDays(1));
        }
    }
}
