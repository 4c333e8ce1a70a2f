package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.postgres.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rights that {@code docs/postgres.md} gives the program's user, exactly as they are written there. */
class PrivilegesTest {

    private static final Path DOCS = Path.of("..", "docs", "postgres.md");
    private static final Pattern GRANTS =
            Pattern.compile("```sql\\n(CREATE ROLE agentrun_program.*?)```", Pattern.DOTALL);

    private TestDatabase database;
    private String user;

    @BeforeEach
    void open() throws IOException {
        database = TestDatabase.migrated();
        user = database.name() + "_program";
        Matcher grants = GRANTS.matcher(Files.readString(DOCS));
        assertThat(grants.find()).isTrue();
        database.execute(grants.group(1)
                .replace("agentrun_program", user)
                .replace("SCHEMA agentrun ", "SCHEMA \"agent\"\"run\" ")
                .replace("agentrun.agentrun_", "\"agent\"\"run\".agentrun_"));
    }

    @AfterEach
    void close() {
        database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
        database.close();
    }

    @Test
    void every_operation_works_with_the_rights_of_the_docs() {
        try (PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(6, user))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build()) {
            new OperationStory(store, 1, new OperationStory.Step() {
                        @Override
                        public <T> T take(String name, Supplier<T> call) {
                            return call.get();
                        }
                    })
                    .tell();

            assertThat(store.health().ready()).isTrue();
        }
    }

    @Test
    void the_program_cannot_change_the_schema() throws SQLException {
        try (Connection connection = database.pool(1, user).getConnection();
                Statement statement = connection.createStatement()) {
            for (String refused : List.of(
                    "CREATE TABLE \"agent\"\"run\".mine (x integer)",
                    "ALTER TABLE \"agent\"\"run\".agentrun_runs ADD COLUMN x integer",
                    "TRUNCATE \"agent\"\"run\".agentrun_events",
                    "DELETE FROM \"agent\"\"run\".agentrun_schema_history",
                    "CREATE OR REPLACE FUNCTION \"agent\"\"run\".agentrun_now() RETURNS timestamptz LANGUAGE sql"
                            + " STABLE AS 'SELECT statement_timestamp()'")) {
                assertThatThrownBy(() -> statement.execute(refused))
                        .as(refused)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("42501"));
            }
        }
    }
}
