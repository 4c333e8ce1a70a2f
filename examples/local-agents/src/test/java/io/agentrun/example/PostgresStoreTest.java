package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.example.postgres.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresStoreTest {

    @TempDir
    Path directory;

    private final Terminal terminal = new Terminal();
    private Path tasks;

    @BeforeEach
    void tasks() throws IOException {
        tasks = Files.writeString(directory.resolve("tasks.jsonl"), """
                {"title": "a", "command": "echo fine"}
                {"title": "b", "command": "echo fine as well"}
                """);
    }

    private int runOn(String store) {
        terminal.clear();
        return Main.run(
                new String[] {"--tasks", tasks.toString(), "--store", store}, terminal.stream(), terminal.stream());
    }

    @Test
    void a_server_that_is_started_for_it_keeps_its_data_in_the_directory() {
        String store = "postgres:" + directory.resolve("data");

        assertThat(runOn(store)).isZero();
        assertThat(terminal.text()).contains("2 queued now, 0 there already");
        assertThat(runOn(store)).isZero();
        assertThat(terminal.text()).contains("0 queued now, 2 there already");
    }

    @Test
    void a_database_is_opened_by_its_address() throws IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .start()) {
            assertThat(runOn("postgres://postgres@localhost:" + server.getPort() + "/postgres"))
                    .isZero();
            assertThat(terminal.text()).contains("2 queued now");
        }
    }

    @Test
    void a_database_that_is_not_there_is_one_line_without_address_and_password() {
        assertThat(runOn("postgres://somebody:hidden-password@localhost:1/none"))
                .isEqualTo(1);

        assertThat(terminal.text().lines()).hasSize(1);
        assertThat(terminal.text())
                .contains("cannot be reached")
                .doesNotContain("hidden-password", "somebody", "localhost");
    }

    @Test
    void what_an_address_does_not_say_comes_from_the_environment() {
        Map<String, String> environment = Map.of("PGUSER", "me", "PGPASSWORD", "mine");

        assertThat(PostgresAddress.parse("postgres://db.example/app", environment))
                .contains(new PostgresAddress("db.example", 5432, "app", "me", "mine"));
        assertThat(PostgresAddress.parse("postgres://you:y%40urs@db.example:5433/app", environment))
                .contains(new PostgresAddress("db.example", 5433, "app", "you", "y@urs"));
        assertThat(PostgresAddress.parse("postgres://db.example/app", Map.of()))
                .contains(new PostgresAddress("db.example", 5432, "app", null, null));
    }

    @Test
    void what_is_no_address_is_none_and_none_shows_its_password() {
        for (String text :
                new String[] {"postgres://", "postgres:///app", "postgres://h/", "postgres://h/a/b", "http://h/a"}) {
            assertThat(PostgresAddress.parse(text, Map.of())).isEmpty();
        }
        assertThat(new PostgresAddress("h", 1, "d", "u", "hidden-password").toString())
                .doesNotContain("hidden-password");
    }
}
