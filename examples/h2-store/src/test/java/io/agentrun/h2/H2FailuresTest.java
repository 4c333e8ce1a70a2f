package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that are not ours, or not now. */
class H2FailuresTest {

    private static final long NEWER = Table.VERSION + 1;
    private static final long OLDER = Table.VERSION - 1;

    @TempDir
    Path directory;

    @Test
    void a_file_that_is_no_database_is_refused_and_stays_as_it_is() throws IOException {
        Path file = Files.writeString(directory.resolve("diary.mv.db"), "Dear diary, this is no database.");

        assertRefused("diary", Reason.CORRUPT);

        assertThat(file).hasContent("Dear diary, this is no database.");
    }

    @Test
    void a_database_of_somebody_else_is_refused_and_gets_no_table() throws SQLException {
        execute("other", "CREATE TABLE books (title VARCHAR)");

        assertRefused("other", Reason.SCHEMA);

        try (Connection connection = connect("other");
                Statement statement = connection.createStatement();
                var tables = statement.executeQuery(
                        "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'")) {
            assertThat(tables.next()).isTrue();
            assertThat(tables.getString(1)).isEqualTo("BOOKS");
            assertThat(tables.next()).isFalse();
        }
    }

    @Test
    void a_database_with_a_password_is_refused() throws SQLException {
        execute("locked", "ALTER USER sa SET PASSWORD 'secret'");

        assertRefused("locked", Reason.CREDENTIALS);
    }

    @Test
    void a_schema_of_another_version_is_refused_and_health_says_so() throws SQLException {
        Path path = directory.resolve("newer");
        try (AgentRunStore store = H2AgentRunStore.onFile(path).open()) {
            assertThat(store.health().ready()).isTrue();
            execute("newer", "UPDATE agentrun_store SET version = " + NEWER);

            assertThat(store.health().ready()).isFalse();
            assertThat(store.health().reachable()).isTrue();
            assertThat(store.health().migrationId()).isEqualTo(String.valueOf(NEWER));
        }

        assertThat(assertRefused("newer", Reason.SCHEMA)).hasMessageContaining("version " + NEWER);
    }

    @Test
    void a_file_of_the_version_before_is_refused_by_its_version() throws SQLException {
        execute("older", "CREATE TABLE agentrun_store (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)");
        execute("older", "INSERT INTO agentrun_store VALUES (1, " + OLDER + ")");

        assertThat(assertRefused("older", Reason.SCHEMA)).hasMessageContaining("version " + OLDER);
    }

    @Test
    void tables_that_were_begun_and_not_finished_are_finished() throws SQLException {
        execute(
                "half",
                "CREATE TABLE agentrun_store (id INTEGER PRIMARY KEY, version INTEGER NOT NULL,"
                        + " stopped_at TIMESTAMP(6) WITH TIME ZONE)");

        try (AgentRunStore store =
                H2AgentRunStore.onFile(directory.resolve("half")).open()) {
            assertThat(store.health().ready()).isTrue();
            assertThat(store.runners().backends()).hasSize(3);
        }
    }

    @Test
    void a_file_that_another_process_has_open_is_refused() throws Exception {
        Path path = directory.resolve("alone");
        try (OtherProcess other = OtherProcess.with(path, "alone")) {
            assertThat(other.line()).isEqualTo("open");

            assertRefused("alone", Reason.IN_USE);
        }
    }

    @Test
    void a_directory_that_cannot_be_made_is_refused() throws IOException {
        Files.writeString(directory.resolve("file"), "");

        assertRefused("file/store", Reason.UNREACHABLE);
    }

    @Test
    void a_name_that_would_be_more_than_a_name_is_refused() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> H2AgentRunStore.onFile(directory.resolve("a;INIT=SHUTDOWN")))
                .satisfies(e -> assertThat(e.field()).isEqualTo("path"));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> H2AgentRunStore.inMemory("a;INIT=SHUTDOWN"))
                .satisfies(e -> assertThat(e.field()).isEqualTo("name"));
    }

    private StoreUnavailableException assertRefused(String name, Reason reason) {
        StoreUnavailableException[] refusal = new StoreUnavailableException[1];
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() ->
                        H2AgentRunStore.onFile(directory.resolve(name)).open().close())
                .satisfies(e -> {
                    refusal[0] = e;
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.getMessage()).doesNotContain(directory.toString());
                    assertThat(e.getCause()).isNull();
                });
        return refusal[0];
    }

    private Connection connect(String name) throws SQLException {
        return DriverManager.getConnection("jdbc:h2:async:" + directory.resolve(name), "sa", "");
    }

    private void execute(String name, String sql) throws SQLException {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
