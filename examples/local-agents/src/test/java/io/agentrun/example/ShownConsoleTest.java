package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShownConsoleTest {

    private static final Pattern ADDRESS = Pattern.compile("console: (http://127\\.0\\.0\\.1:\\d+/)#token=(\\w+)");

    @TempDir
    Path directory;

    @Test
    void the_console_is_there_while_agents_work_and_until_the_program_is_stopped() throws Exception {
        Path tasks = Files.writeString(
                directory.resolve("tasks.jsonl"), "{\"title\": \"Look at me\", \"command\": \"echo fine\"}\n");
        Terminal terminal = new Terminal();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Thread program = new Thread(() -> code.complete(Main.run(
                new String[] {"--console", "--tasks", tasks.toString()}, terminal.stream(), terminal.stream())));
        program.start();
        while (!terminal.text().contains("the console stays until Ctrl-C")) {
            Thread.onSpinWait();
        }
        Matcher address = ADDRESS.matcher(terminal.text());
        assertThat(address.find()).isTrue();
        HttpRequest queue = HttpRequest.newBuilder(URI.create(address.group(1) + "api/queue"))
                .header("Authorization", "Bearer " + address.group(2))
                .build();

        String shown =
                HttpClient.newHttpClient().send(queue, BodyHandlers.ofString()).body();
        program.interrupt();

        assertThat(shown).contains("Look at me", "\"completed\":1");
        assertThat(code.get()).isEqualTo(LocalAgents.STOPPED);
    }
}
