package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.OwnServer;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** The tables of one cluster in another one that is younger. */
class RestoreTest {

    private static final TenantScope ALL = TenantScope.all();
    private static final String TABLES = """
            SELECT quote_ident(relname)
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> 'agentrun_schema_history'
            """;

    private static QueueTask task(PostgresAgentRunStore store, String title) {
        return store.queue()
                .create(NewQueueTask.builder(new Owner("t", "p"), "q", title, RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @Test
    void a_feed_goes_on_in_a_fresh_cluster_for_new_readers_and_old_ones() throws Exception {
        try (OwnServer fresh = OwnServer.start();
                TestDatabase copy = fresh.database();
                TestDatabase original = TestDatabase.migrated()) {
            QueueTask task;
            String cursor;
            try (PostgresAgentRunStore before = TestDatabase.quietStore(original.pool(2))) {
                // Ids that the fresh cluster will not have reached for a while.
                original.execute(
                        "DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
                task = task(before, "restored");
                cursor = before.queue().changes(ALL, null, 10).cursor();
            }
            copyTables(original, copy);
            assertThat(copy.queryIn(
                            TestDatabase.SCHEMA,
                            "SELECT id FROM agentrun_queue_tasks WHERE feed_xid > pg_current_xact_id()"))
                    .containsExactly(task.id());

            try (PostgresAgentRunStore after = TestDatabase.quietStore(copy.pool(2))) {
                assertThat(after.queue().changes(ALL, null, 10).items()).containsExactly(task);
                assertThat(after.queue().changes(ALL, cursor, 10).items()).containsExactly(task);
                String next = after.queue().changes(ALL, cursor, 10).cursor();
                QueueTask later = task(after, "later");
                assertThat(after.queue().changes(ALL, next, 10).items()).containsExactly(later);
            }
        }
    }

    private static void copyTables(TestDatabase from, TestDatabase to) throws SQLException, IOException {
        try (Connection source = from.pool(1).getConnection();
                Connection target = to.pool(1).getConnection();
                Statement statement = target.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (String table : from.queryIn(TestDatabase.SCHEMA, TABLES)) {
                String name = "\"agent\"\"run\"." + table;
                ByteArrayOutputStream rows = new ByteArrayOutputStream();
                copies(source).copyOut("COPY " + name + " TO STDOUT", rows);
                statement.execute("DELETE FROM " + name);
                copies(target).copyIn("COPY " + name + " FROM STDIN", new ByteArrayInputStream(rows.toByteArray()));
            }
            for (String sequence : List.of("agentrun_queue_version_seq", "agentrun_session_version_seq")) {
                String last = from.queryIn(TestDatabase.SCHEMA, "SELECT last_value FROM " + sequence)
                        .get(0);
                statement.execute("SELECT setval('\"agent\"\"run\"." + sequence + "', " + last + ")");
            }
        }
    }

    private static CopyManager copies(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }
}
