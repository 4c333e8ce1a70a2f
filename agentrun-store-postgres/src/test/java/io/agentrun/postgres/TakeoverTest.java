package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.session.Session;
import io.agentrun.session.SessionThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which databases of the original manager are taken over, which are refused, and what becomes of what they hold. */
class TakeoverTest {

    private static final String COLUMNS = """
            SELECT format('%s.%s', table_name, column_name)
            FROM information_schema.columns
            WHERE table_schema = 'public'
            ORDER BY 1
            """;

    /** Everything that a refused migration might have changed. */
    private static final String EVERYTHING = """
            SELECT format('%s.%s %s', table_name, column_name, data_type)
            FROM information_schema.columns
            WHERE table_schema = 'public'
            UNION ALL
            SELECT format('run %s', r) FROM agentrun_runs r
            UNION ALL
            SELECT format('session %s', s) FROM agentrun_sessions s
            UNION ALL
            SELECT format('function %s', proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            ORDER BY 1
            """;

    /** Runs whose session is gone, the newest without a thread, one with a metadata that is none and a date that is none. */
    private static final String RUNS_OF_LOST_SESSIONS = """
            INSERT INTO agentrun_runs (
                id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy, status, created_at,
                updated_at, session_ref)
            VALUES
                ('run_a', 't9', 'p9', '{}', 'default', 'codex', '{}', 'completed', '2026-01-02T00:00:00Z',
                    '2026-01-02T00:00:01Z', '{"sessionId":"ses_lost","threadId":"thread-old","conversationId":"conv-9"}'),
                ('run_b', 't9', 'p9', '{}', 'default', 'codex', '{}', 'completed', '2026-01-03T00:00:00Z',
                    '2026-01-03T00:00:01Z', '{"sessionId":"ses_lost","threadId":"thread-new","conversationId":null,
                    "metadata":{"a":1},"expiresAt":"2031-02-03T04:05:06.789Z"}'),
                ('run_c', 't9', 'p9', '{}', 'default', 'codex', '{}', 'pending', '2026-01-04T00:00:00Z',
                    '2026-01-04T00:00:01Z', '{"sessionId":"ses_lost","expiresAt":"2031-02-03T04:05:06.789Z"}'),
                ('run_odd', 't9', 'p9', '{}', 'default', 'codex', '{}', 'completed', '2026-01-04T00:00:00Z',
                    '2026-01-04T00:00:01Z', '{"sessionId":" ses_odd","threadId":"thread-odd","metadata":[1],
                    "expiresAt":"2031-13-45T99:05:06Z"}'),
                ('run_text', 't9', 'p9', '{}', 'default', 'codex', '{}', 'completed', '2026-01-04T00:00:00Z',
                    '2026-01-04T00:00:01Z', '"no object"');
            """;

    private static PostgresMigrations migrations(TestDatabase database) {
        return PostgresMigrations.in(database.pool(6), "public");
    }

    private static void refused(TestDatabase database, PostgresMigrations migrations, String named) {
        List<String> before = database.query(EVERYTHING);

        assertThatThrownBy(migrations::migrate).isInstanceOfSatisfying(StoreUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.SCHEMA);
            assertThat(e.retryable()).isFalse();
            assertThat(e).hasMessageContaining(named);
        });
        assertThatThrownBy(() -> database.execute(migrations.ddl())).hasStackTraceContaining(named);
        database.execute("ROLLBACK");

        assertThat(database.query(EVERYTHING)).isEqualTo(before);
    }

    @Test
    void an_original_with_a_later_migration_is_refused_by_its_name_and_unchanged() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            database.execute("INSERT INTO agentrun_schema_migrations (id, checksum) VALUES ('008_v02_more', '"
                    + "0".repeat(64) + "')");

            refused(database, migrations(database), "008_v02_more");
        }
    }

    @Test
    void an_original_with_another_checksum_is_refused_by_its_name_and_unchanged() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            PostgresMigrations compared = migrations(database).originalChecksums(OriginalDatabase.checksums());
            database.execute("UPDATE agentrun_schema_migrations SET checksum = '" + "a".repeat(64)
                    + "' WHERE id = '004_v01_queue_q1'");

            refused(database, compared, "004_v01_queue_q1");

            database.execute(
                    "UPDATE agentrun_schema_migrations SET checksum = 'changed' WHERE id = '004_v01_queue_q1'");
            refused(database, migrations(database), "004_v01_queue_q1");
        }
    }

    @Test
    void an_original_that_has_left_out_a_migration_is_refused_by_its_name() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            database.execute("DELETE FROM agentrun_schema_migrations WHERE id = '003_v01_hwlab_manual_dispatch'");

            refused(database, migrations(database), "003_v01_hwlab_manual_dispatch");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ALTER TABLE agentrun_runs ADD COLUMN budget integer, agentrun_runs, budget",
        "ALTER TABLE agentrun_sessions DROP COLUMN summary, agentrun_sessions, summary",
        "ALTER TABLE agentrun_queue_tasks ALTER COLUMN priority TYPE bigint, agentrun_queue_tasks, priority",
        "ALTER TABLE agentrun_events RENAME COLUMN type TO kind, agentrun_events, kind",
        "DROP TABLE agentrun_leases, agentrun_leases, lease_expires_at",
    })
    void an_original_whose_tables_are_otherwise_is_refused_by_the_column(String change, String table, String column) {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            database.execute(change);

            refused(database, migrations(database), "the table " + table);
            refused(database, migrations(database), column);
        }
    }

    @Test
    void an_original_with_the_checksums_that_the_host_names_is_taken_over() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            PostgresMigrations compared = migrations(database).originalChecksums(OriginalDatabase.checksums());

            compared.migrate();

            compared.validate();
        }
    }

    @Test
    void checksums_of_what_the_original_does_not_have_are_no_input() {
        try (TestDatabase database = TestDatabase.empty()) {
            PostgresMigrations migrations = migrations(database);

            assertThatThrownBy(() -> migrations.originalChecksums(Map.of("008_v02_more", "0".repeat(64))))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> migrations.originalChecksums(Map.of("004_v01_queue_q1", "0'; DROP")))
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void a_session_that_only_its_runs_know_keeps_its_thread() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            database.execute(RUNS_OF_LOST_SESSIONS);
            migrations(database).migrate();

            shows_the_lost_sessions(database);
        }
    }

    @Test
    void a_session_that_only_its_runs_know_keeps_its_thread_by_the_script_for_a_dba() {
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            database.execute(RUNS_OF_LOST_SESSIONS);
            database.execute(migrations(database).ddl());

            shows_the_lost_sessions(database);
        }
    }

    private static void shows_the_lost_sessions(TestDatabase database) {
        try (PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(6))
                .withoutMigration()
                .build()) {
            Session lost = store.sessions().get("ses_lost");
            assertThat(lost.owner()).isEqualTo(new Owner("t9", "p9"));
            assertThat(lost.backendProfile()).isEqualTo(BackendProfile.CODEX);
            assertThat(lost.thread()).isEqualTo(new SessionThread("conv-9", "thread-new"));
            assertThat(lost.metadata()).isEqualTo(JsonObject.of("a", 1));
            assertThat(lost.expiresAt()).isEqualTo(Instant.parse("2031-02-03T04:05:06.789Z"));
            assertThat(lost.createdAt()).isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
            Session odd = store.sessions().get("ses_odd");
            assertThat(odd.thread()).isEqualTo(new SessionThread(null, "thread-odd"));
            assertThat(odd.metadata()).isEqualTo(JsonObject.empty());
            assertThat(odd.expiresAt()).isNull();
            assertThat(store.sessions().get("ses_busy").thread()).isEqualTo(new SessionThread("conv-1", "thread-1"));
            assertThat(store.runs().get("run_text").sessionId()).isNull();
        }
    }

    @Test
    void the_contract_is_what_a_migrated_schema_has() {
        try (TestDatabase database = TestDatabase.empty()) {
            migrations(database).migrate();

            MigrationContract contract = PostgresMigrations.contract();

            Map<String, Integer> applied = new HashMap<>();
            for (String row :
                    database.query("SELECT replace(script, '.sql', '') || ' ' || checksum FROM agentrun_schema_history"
                            + " WHERE version IS NOT NULL AND type = 'SQL'")) {
                applied.put(row.split(" ")[0], Integer.valueOf(row.split(" ")[1]));
            }
            assertThat(contract.checksums()).isEqualTo(applied);
            assertThat(contract.migrationIds()).containsExactlyInAnyOrderElementsOf(applied.keySet());
            assertThat(contract.latestMigrationId())
                    .isEqualTo(contract.migrationIds().get(applied.size() - 1));
            assertThat(contract.requiredTables())
                    .isEqualTo(database.query(
                            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                                    + " ORDER BY relname COLLATE \"C\""));
            try (PostgresAgentRunStore store =
                    PostgresAgentRunStore.builder(database.pool(6)).build()) {
                assertThat(store.health().migrationId()).isEqualTo(contract.latestMigrationId());
            }
        }
    }

    @Test
    void the_documentation_names_every_column_that_a_takeover_drops_or_renames() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "postgres.md"));
        String section =
                text.substring(text.indexOf("### What the takeover changes"), text.indexOf("## Rows that do not fit"));
        try (TestDatabase database = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            List<String> before = database.query(COLUMNS);
            migrations(database).migrate();
            List<String> gone = before.stream()
                    .filter(column -> !database.query(COLUMNS).contains(column))
                    .toList();

            assertThat(gone).isNotEmpty().allSatisfy(column -> {
                assertThat(section).contains("`" + column.substring(0, column.indexOf('.')) + "`");
                assertThat(section).contains("`" + column.substring(column.indexOf('.') + 1) + "`");
            });
        }
    }
}
