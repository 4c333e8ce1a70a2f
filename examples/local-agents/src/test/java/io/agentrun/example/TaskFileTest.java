package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.queue.NewQueueTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFileTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path directory;

    @Test
    void a_line_becomes_a_task_with_everything_that_it_says() throws IOException {
        List<NewQueueTask> tasks = read("""
                {"title": "t", "command": "true", "session": "s", "priority": 7, "attempts": 3,
                 "retryAfterSeconds": 2, "startAfterSeconds": 60}
                """.replace("\n ", " "));

        assertThat(tasks).singleElement().satisfies(task -> {
            assertThat(task.title()).isEqualTo("t");
            assertThat(task.content().payload().string("command")).contains("true");
            assertThat(task.content().session()).extracting("sessionId").isEqualTo("s");
            assertThat(task.place().priority()).isEqualTo(7);
            assertThat(task.retry().maxAttempts()).isEqualTo(3);
            assertThat(task.retry().delay()).isEqualTo(Duration.ofSeconds(2));
            assertThat(task.notBefore()).isEqualTo(NOW.plusSeconds(60));
        });
    }

    @Test
    void the_sample_holds_only_good_lines() {
        List<NewQueueTask> tasks = TaskFile.read(Path.of("tasks.jsonl"), AgentOption.Kind.COMMAND, NOW);

        assertThat(tasks).hasSizeGreaterThanOrEqualTo(10);
    }

    @Test
    void the_sample_for_the_console_holds_only_good_lines() {
        List<NewQueueTask> tasks = TaskFile.read(Path.of("watch.jsonl"), AgentOption.Kind.COMMAND, NOW);

        assertThat(tasks).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void with_the_console_the_sample_is_the_one_to_look_at_unless_a_file_is_named() {
        assertThat(Options.parse("--console").tasks()).isEqualTo(Path.of("watch.jsonl"));
        assertThat(Options.parse("--console", "--tasks", "my.jsonl").tasks()).isEqualTo(Path.of("my.jsonl"));
        assertThat(Options.parse("--tasks", "my.jsonl", "--console").tasks()).isEqualTo(Path.of("my.jsonl"));
        assertThat(Options.parse().tasks()).isEqualTo(Path.of("tasks.jsonl"));
    }

    @Test
    void every_bad_line_is_named_by_its_number_with_the_reason() {
        List<String> problems = problems("""
                {"title": "good", "command": "true"}
                not json

                {"title": "no command"}
                {"title": " ", "command": "true"}
                {"title": "t", "command": 7}
                {"title": "t", "command": "true", "comand": "typo"}
                {"title": "t", "command": "true", "attempts": 0}
                {"title": "t", "command": "true", "attempts": 1.5}
                {"title": "t", "command": "true", "priority": "high"}
                {"title": "t", "command": "true", "session": " padded "}
                ["not", "an", "object"]
                {"title": "t", "title": "twice", "command": "true"}
                {"title": "nul \\u0000", "command": "true"}
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(problems)
                .extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .containsExactly(
                        "line 2", "line 4", "line 5", "line 6", "line 7", "line 8", "line 9", "line 10", "line 11",
                        "line 12", "line 13", "line 14");
        assertThat(problems).contains("line 4: command must be given", "line 6: command must be a text");
        assertThat(problems).anySatisfy(problem -> assertThat(problem).startsWith("line 7: comand is not a field"));
        assertThat(problems).contains("line 8: attempts must be a whole number from 1 to 100");
    }

    @Test
    void a_line_that_is_not_utf_8_is_a_bad_line() {
        byte[] bytes = "{\"title\": \"a\", \"command\": \"true\"}\n{\"title\": \"\u00e4\"}"
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(problems(bytes)).containsExactly("line 2: line is not UTF-8");
    }

    @Test
    void an_empty_file_and_a_missing_one_are_refused() {
        assertThat(problems("\n\n".getBytes(StandardCharsets.UTF_8))).containsExactly("it holds no task");
        assertThat(problems(directory.resolve("nothing"))).containsExactly("there is no such file");
    }

    @Test
    void a_line_keeps_its_key_wherever_it_stands_and_two_equal_lines_are_two_tasks() throws IOException {
        String line = "{\"title\": \"a\", \"command\": \"true\"}\n";
        String other = "{\"title\": \"b\", \"command\": \"true\"}\n";

        List<NewQueueTask> tasks = read(other + line + line);

        assertThat(tasks.get(1).idempotencyKey())
                .isEqualTo(read(line).get(0).idempotencyKey())
                .isNotEqualTo(tasks.get(0).idempotencyKey())
                .isNotEqualTo(tasks.get(2).idempotencyKey());
    }

    private List<NewQueueTask> read(String text) throws IOException {
        return TaskFile.read(Files.writeString(directory.resolve("tasks.jsonl"), text), AgentOption.Kind.COMMAND, NOW);
    }

    private List<String> problems(byte[] bytes) {
        Path file = directory.resolve("bad.jsonl");
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return problems(file);
    }

    private static List<String> problems(Path file) {
        return catchThrowableOfType(
                        BadTaskFileException.class, () -> TaskFile.read(file, AgentOption.Kind.COMMAND, NOW))
                .problems();
    }
}
