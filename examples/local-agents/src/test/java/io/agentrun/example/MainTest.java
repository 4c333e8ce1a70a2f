package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    Path directory;

    private final Terminal terminal = new Terminal();

    @Test
    void help_is_shown_and_is_no_error() {
        assertThat(runMain("--help")).isZero();
        assertThat(terminal.text()).contains("--store memory|file:PATH|h2:PATH");
    }

    @Test
    void what_cannot_be_used_is_one_line_and_exit_code_2() throws IOException {
        String tasks = tasks("{\"title\": \"a\", \"command\": \"true\"}");

        assertUsage("there is no option '--stroe'", "--stroe", "memory");
        assertUsage(
                "--store must be memory, file:PATH, h2:PATH, postgres[:PATH] or postgres://..., not 'redis'",
                "--store",
                "redis");
        assertUsage(
                "--store must be memory, file:PATH, h2:PATH, postgres[:PATH] or postgres://..., not 'file:'",
                "--store",
                "file:");
        assertUsage("--store postgres://... must be", "--store", "postgres://user:secret@host");
        assertThat(terminal.text()).doesNotContain("secret");
        assertUsage("--store must be followed by a value", "--store");
        assertUsage("--workers must be a number from 1 to 64, not '0'", "--workers", "0");
        assertUsage("--lease must be a number from 1 to 3600, not '-1'", "--lease", "-1");
        assertUsage("--runner must be processes or kubernetes, not 'docker'", "--runner", "docker");
        assertUsage("--namespace, --image, --kubectl", "--namespace", "agents");
        assertUsage("--runner kubernetes: namespace", "--tasks", tasks, "--runner", "kubernetes", "--namespace", "A");
        assertUsage(
                "--runner kubernetes: the cluster cannot be used: ",
                "--tasks",
                tasks,
                "--runner",
                "kubernetes",
                "--kubectl",
                directory.resolve("none").toString());
        assertUsage("--agent must be command, codex or claude, not 'gpt'", "--agent", "gpt");
        assertUsage("--agent-path and --agent-arg go with", "--agent-path", "/bin/true");
        assertUsage("--agent codex goes with --runner processes", "--agent", "codex", "--runner", "kubernetes");
        assertUsage("--tail: there is no task 'b'", "--tasks", tasks, "--tail", "b");
        assertUsage("--cancel: there is no task '2'", "--tasks", tasks, "--cancel", "2");
    }

    @Test
    void bad_lines_change_nothing() throws IOException {
        String tasks = tasks("{\"title\": \"a\", \"command\": \"true\"}\n{\"title\": \"b\"}");
        Path store = directory.resolve("store");

        int code = runMain("--tasks", tasks, "--store", "file:" + store);

        assertThat(code).isEqualTo(2);
        assertThat(terminal.text()).contains("nothing was queued").contains("line 2: command must be given");
        assertThat(store).doesNotExist();
    }

    @Test
    void a_file_that_is_no_store_is_one_line_and_stays_as_it_is() throws IOException {
        String tasks = tasks("{\"title\": \"a\", \"command\": \"true\"}");
        Path foreign = Files.writeString(directory.resolve("foreign"), "Dear diary, this is no journal of agentrun.");

        int code = runMain("--tasks", tasks, "--store", "file:" + foreign);

        assertThat(code).isEqualTo(1);
        assertThat(terminal.text().lines()).hasSize(1);
        assertThat(foreign).hasContent("Dear diary, this is no journal of agentrun.");
    }

    @Test
    void an_h2_file_that_is_no_database_is_one_line_and_stays_as_it_is() throws IOException {
        String tasks = tasks("{\"title\": \"a\", \"command\": \"true\"}");
        Path foreign = Files.writeString(directory.resolve("foreign.mv.db"), "Dear diary, this is no database.");

        int code = runMain("--tasks", tasks, "--store", "h2:" + directory.resolve("foreign"));

        assertThat(code).isEqualTo(1);
        assertThat(terminal.text().lines()).hasSize(1);
        assertThat(foreign).hasContent("Dear diary, this is no database.");
    }

    @Test
    void a_task_that_fails_makes_exit_code_1_and_the_others_are_done() throws IOException {
        String tasks = tasks("""
                {"title": "bad", "command": "echo oh no; exit 3"}
                {"title": "good", "command": "echo fine"}
                """);

        int code = runMain("--tasks", tasks, "--tail", "bad");

        assertThat(code).isEqualTo(1);
        assertThat(terminal.text()).contains("| oh no").contains("exit code 3").contains("good: fine");
    }

    private void assertUsage(String message, String... args) {
        terminal.clear();
        assertThat(runMain(args)).isEqualTo(2);
        assertThat(terminal.text()).startsWith("agentrun: " + message);
        assertThat(terminal.text().lines()).hasSize(1);
    }

    private int runMain(String... args) {
        return Main.run(args, terminal.stream(), terminal.stream());
    }

    private String tasks(String text) throws IOException {
        return Files.writeString(directory.resolve("tasks.jsonl"), text).toString();
    }
}
