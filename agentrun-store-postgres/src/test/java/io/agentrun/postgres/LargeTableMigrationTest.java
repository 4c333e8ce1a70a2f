package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Migrating beside hosts that go on: nobody waits behind a migration of a large table, and no host waits without end. */
class LargeTableMigrationTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final String TABLE = "\"agent\"\"run\".agentrun_run_state";
    private static final String INDEX = "\"agent\"\"run\".agentrun_run_state_take_idx";
    private static final String BEFORE = "UPDATE " + TABLE + " SET queue = NULL, lane = NULL, priority = NULL; ";
    private static final String STATE = "SELECT indisvalid FROM pg_index WHERE indexrelid = '" + INDEX + "'::regclass";

    private static PostgresMigrations migrations(TestDatabase database) {
        return PostgresMigrations.in(database.pool(6), TestDatabase.SCHEMA);
    }

    private static Run runOfTask(PostgresAgentRunStore store) {
        store.queue()
                .create(NewQueueTask.builder(OWNER, "q", "T", RunSpec.of(BackendProfile.CODEX))
                        .priority(7)
                        .build());
        return store.queue().dispatchNext(DispatchRequest.any()).orElseThrow().run();
    }

    @Test
    void the_index_for_takes_is_built_beside_a_long_transaction_while_others_write() throws Exception {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
            Run run = runOfTask(store);
            Run other = store.runs()
                    .create(NewRun.builder(OWNER, RunSpec.of(BackendProfile.CODEX))
                            .build());
            database.execute("DROP INDEX " + INDEX + "; " + BEFORE);
            ExecutorService migrating = Executors.newSingleThreadExecutor();
            try (Connection writer = database.pool(1).getConnection()) {
                writer.setAutoCommit(false);
                write(writer, other);
                Future<?> migration =
                        migrating.submit(() -> migrations(database).migrate());
                awaitWaitingForTransaction(database);

                store.events()
                        .appendUnfenced(
                                run.id(), new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "passes")));

                assertThat(migration.isDone()).isFalse();
                writer.commit();
                migration.get(2, TimeUnit.MINUTES);
            } finally {
                migrating.shutdownNow();
            }
            assertThat(database.query(STATE)).containsExactly("t");
            assertThat(database.query("SELECT queue || ' ' || priority FROM " + TABLE + " WHERE queue IS NOT NULL"))
                    .containsExactly("q 7");
            assertThat(store.queue().take(TakeRequest.by("runner", DispatchRequest.fromQueue("q"))))
                    .singleElement()
                    .satisfies(taken -> assertThat(taken.lease().run().id()).isEqualTo(run.id()));
        }
    }

    private static void write(Connection connection, Run run) throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE " + TABLE + " SET priority = NULL WHERE run_id = ?")) {
            statement.setString(1, run.id());
            assertThat(statement.executeUpdate()).isOne();
        }
    }

    /** Whoever waited for the table instead would let nobody pass. */
    private static void awaitWaitingForTransaction(TestDatabase database) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (database.query("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid'")
                .isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("the migration does not wait for the transaction");
            }
        }
    }

    @Test
    void an_index_whose_building_was_cut_off_is_built_anew() {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
            Run run = runOfTask(store);
            database.execute(
                    BEFORE + "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '" + INDEX + "'::regclass");

            migrations(database).migrate();

            assertThat(database.query(STATE)).containsExactly("t");
            assertThat(database.query("SELECT run_id FROM " + TABLE + " WHERE queue = 'q'"))
                    .containsExactly(run.id());
        }
    }

    @Test
    void a_host_waits_for_another_one_that_migrates_no_longer_than_it_may() throws Exception {
        try (TestDatabase database = TestDatabase.migrated();
                Connection migrating = database.pool(1).getConnection()) {
            try (PreparedStatement lock =
                    migrating.prepareStatement("SELECT pg_advisory_lock(hashtextextended(?, 0))")) {
                lock.setString(1, "agentrun migration of " + TestDatabase.SCHEMA);
                lock.execute();
            }

            assertThatThrownBy(() ->
                            migrations(database).waiting(Duration.ofMillis(100)).migrate())
                    .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.LOCK_TIMEOUT);
                        assertThat(e.retryable()).isTrue();
                    });
        }
    }

    /** The first five are of a time when the tables were small, and bring the original's rows into their form. */
    @Test
    void no_migration_from_V6_on_rewrites_a_table_or_indexes_one_in_its_transaction() {
        List<String> later = MigrationScripts.NAMES.subList(5, MigrationScripts.NAMES.size());
        Pattern index = Pattern.compile("(?is)CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+\\S+\\s+ON\\s+(\\S+)");
        Pattern rewrite = Pattern.compile(
                "(?is)ALTER\\s+COLUMN\\s+\\S+\\s+(?:SET\\s+DATA\\s+)?TYPE|UPDATE\\s+agentrun_(?:events|run_state)\\b"
                        + "|ALTER\\s+COLUMN\\s+\\S+\\s+SET\\s+NOT\\s+NULL|VACUUM\\s+FULL|CLUSTER\\s");

        assertThat(later).first().asString().startsWith("V6__");
        for (String name : later) {
            String text = MigrationScripts.text(name).replaceAll("--[^\n]*", "");
            assertThat(rewrite.matcher(text).find()).as(name).isFalse();
            Matcher indexes = index.matcher(text);
            while (indexes.find()) {
                assertThat(text)
                        .as("%s indexes a table that it does not make", name)
                        .containsPattern("(?i)CREATE TABLE " + Pattern.quote(indexes.group(1)) + "\\b");
            }
        }
    }
}
