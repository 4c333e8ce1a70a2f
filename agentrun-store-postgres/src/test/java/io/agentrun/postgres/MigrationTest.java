package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.StoreHealth;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class MigrationTest {

    private static final String SHAPE = """
            SELECT format('%s.%s %s %s %s %s', table_name, column_name, data_type, is_nullable, column_default,
                collation_name)
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT IN ('agentrun_schema_history', 'agentrun_schema_migrations')
            UNION ALL
            SELECT indexdef
            FROM pg_indexes
            WHERE schemaname = 'public' AND tablename NOT IN ('agentrun_schema_history', 'agentrun_schema_migrations')
            UNION ALL
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u')
                AND conrelid::regclass::text NOT IN ('agentrun_schema_history', 'agentrun_schema_migrations')
            ORDER BY 1
            """;

    /** The schema of an empty database, made once. */
    private static final class Empty {
        private static final List<String> SHAPE = shape();

        private static List<String> shape() {
            try (TestDatabase empty = TestDatabase.empty()) {
                migrations(empty.pool(6)).migrate();
                return empty.query(MigrationTest.SHAPE);
            }
        }
    }

    private static PostgresMigrations migrations(DataSource dataSource) {
        return PostgresMigrations.in(dataSource, "public");
    }

    @RepeatedTest(OriginalDatabase.LEVELS)
    void every_level_of_the_original_ends_at_the_schema_of_an_empty_database(RepetitionInfo level) {
        try (TestDatabase original = OriginalDatabase.at(level.getCurrentRepetition())) {
            migrations(original.pool(6)).migrate();

            assertThat(original.query(SHAPE)).isEqualTo(Empty.SHAPE);
            assertThat(original.query("SELECT count(*) FROM agentrun_run_state"))
                    .containsExactly("5");
            assertThat(original.query("SELECT count(*) FROM agentrun_events")).containsExactly("5");
        }
    }

    @Test
    void indexes_of_before_give_way_to_those_that_are_spelled_apart() {
        try (TestDatabase database = TestDatabase.empty()) {
            PostgresMigrations migrations = migrations(database.pool(6));
            migrations.migrate();
            database.execute("""
                    DROP INDEX agentrun_commands_unended_runs_idx, agentrun_queue_tasks_replaceable_idx;
                    CREATE INDEX agentrun_commands_unended_idx ON agentrun_commands (run_id, seq)
                        WHERE terminal_status IS NULL;
                    CREATE UNIQUE INDEX agentrun_queue_tasks_replace_idx
                        ON agentrun_queue_tasks (tenant_id, project_id, replace_key)
                        WHERE replace_key IS NOT NULL AND state = 'pending' AND latest_attempt IS NULL;
                    DROP INDEX agentrun_run_state_slotless_idx;
                    CREATE INDEX agentrun_run_state_resumed_idx ON agentrun_run_state (run_id)
                        WHERE status = 'pending' AND queue IS NOT NULL AND parked_epoch IS NOT NULL;
                    """);

            migrations.migrate();

            assertThat(database.query(SHAPE)).isEqualTo(Empty.SHAPE);
        }
    }

    @Test
    void a_second_migration_does_nothing() {
        try (TestDatabase database = TestDatabase.empty()) {
            PostgresMigrations migrations = migrations(database.pool(6));
            migrations.migrate();
            List<String> history = database.query("SELECT installed_on FROM agentrun_schema_history");

            migrations.migrate();

            migrations.validate();
            assertThat(database.query("SELECT installed_on FROM agentrun_schema_history"))
                    .isEqualTo(history);
        }
    }

    @Test
    void hosts_that_start_at_the_same_moment_all_succeed() {
        try (TestDatabase database = TestDatabase.empty()) {
            List<DataSource> pools = List.of(database.pool(6), database.pool(6), database.pool(6));

            List<Race.Finish<Boolean>> finishes = Race.of(3, i -> () -> {
                PostgresMigrations.in(pools.get(i), "new schema").migrate();
                return true;
            });

            assertThat(Race.failures(finishes)).isEmpty();
            PostgresMigrations.in(pools.get(0), "new schema").validate();
        }
    }

    /** A migration that waited for the table would make everybody wait behind it. */
    @Test
    void a_migration_behind_a_long_transaction_lets_others_pass_and_is_carried_out_afterwards() throws Exception {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            DataSource pool = database.pool(8);
            ExecutorService migrating = Executors.newSingleThreadExecutor();
            try (Connection reader = pool.getConnection();
                    Connection passing = pool.getConnection();
                    Statement passes = passing.createStatement()) {
                reader.setAutoCommit(false);
                reader.createStatement().execute("SELECT FROM agentrun_runs");
                Future<?> migration = migrating.submit(() -> migrations(pool).migrate());
                passes.execute("SET statement_timeout = '60s'");
                awaitWaiting(passes);

                passes.execute("SELECT FROM agentrun_runs");

                assertThat(migration.isDone()).isFalse();
                reader.commit();
                migration.get(2, TimeUnit.MINUTES);
            } finally {
                migrating.shutdownNow();
            }
            migrations(pool).validate();
            assertThat(database.query("SHOW lock_timeout")).containsExactly("0");
        }
    }

    private static void awaitWaiting(Statement look) throws SQLException {
        boolean waiting = false;
        while (!waiting) {
            try (ResultSet found = look.executeQuery("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                    + " AND relation = 'agentrun_runs'::regclass)")) {
                found.next();
                waiting = found.getBoolean(1);
            }
        }
    }

    @Test
    void what_the_script_for_a_dba_makes_is_valid() {
        try (TestDatabase database = TestDatabase.empty()) {
            PostgresMigrations migrations = PostgresMigrations.in(database.pool(6), TestDatabase.SCHEMA);

            database.execute(migrations.ddl());

            migrations.validate();
            migrations.migrate();
        }
    }

    @Test
    void a_user_without_the_right_to_create_tables_is_told_so() {
        try (TestDatabase database = TestDatabase.empty()) {
            String user = database.name() + "_user";
            database.execute("CREATE ROLE " + user + " LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
            DataSource pool = database.pool(6, user);

            assertThatThrownBy(() -> migrations(pool).migrate())
                    .isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.SCHEMA);
                        assertThat(e).hasMessageContaining("PostgresMigrations.ddl()");
                        assertThat(e.retryable()).isFalse();
                    });
            StoreHealth health = store(pool).health();

            assertThat(health.ready()).isFalse();
            assertThat(health.reachable()).isTrue();
            assertThat(health.message()).contains("never migrated");
            assertThatThrownBy(() -> store(pool).runs().create(newRun()))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.SCHEMA));
            database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
        }
    }

    @Test
    void a_schema_of_a_newer_version_is_refused() {
        try (TestDatabase database = TestDatabase.empty()) {
            DataSource pool = database.pool(6);
            migrations(pool).migrate();
            database.execute("""
                    INSERT INTO agentrun_schema_history (installed_rank, version, description, type, script, checksum,
                        installed_by, execution_time, success)
                    VALUES (99, '99', 'future', 'SQL', 'V99__future.sql', 1, 'x', 0, true)
                    """);

            assertThatThrownBy(() -> migrations(pool).migrate()).hasMessageContaining("newer version");
            assertThatThrownBy(() -> migrations(pool).validate()).hasMessageContaining("newer version");
            assertThat(store(pool).health().message()).contains("newer version");
        }
    }

    @Test
    void a_migration_that_was_changed_is_refused() {
        try (TestDatabase database = TestDatabase.empty()) {
            DataSource pool = database.pool(6);
            migrations(pool).migrate();
            database.execute("UPDATE agentrun_schema_history SET checksum = 7 WHERE version = '2'");

            assertThatThrownBy(() -> migrations(pool).migrate()).hasMessageContaining("was changed");
        }
    }

    @Test
    void a_schema_that_is_behind_is_told_from_one_that_is_missing() {
        try (TestDatabase database = TestDatabase.empty()) {
            DataSource pool = database.pool(6);
            assertThatThrownBy(() -> migrations(pool).validate())
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.SCHEMA));
            migrations(pool).migrate();
            database.execute("DELETE FROM agentrun_schema_history"
                    + " WHERE installed_rank = (SELECT max(installed_rank) FROM agentrun_schema_history)");

            database.execute("DROP FUNCTION agentrun_timeline()");

            assertThat(store(pool).health().message()).contains("older");
            assertThatThrownBy(() -> migrations(pool).validate()).hasMessageContaining("older");
        }
    }

    private static PostgresAgentRunStore store(DataSource pool) {
        return PostgresAgentRunStore.builder(pool).withoutMigration().build();
    }

    private static NewRun newRun() {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .build();
    }
}
