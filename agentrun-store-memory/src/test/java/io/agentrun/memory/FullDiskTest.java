package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.RunEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file store whose disk is full for a while. */
class FullDiskTest {

    @TempDir
    Path directory;

    @Test
    void it_refuses_everything_while_the_disk_is_full_and_goes_on_by_itself_afterwards() throws Exception {
        Path file = directory.resolve("state");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -S -f 100; exec \"$@\"",
                        "sh",
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullDiskProcess.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();

        long acknowledged = Long.parseLong(said.get(1));
        assertThat(said.subList(2, 5)).containsExactly("STORAGE_FULL true", "false true", "true");
        // The run's first event, those that were acknowledged, the one whose outcome was unknown, and the last one.
        long last = acknowledged + 3;
        assertThat(said.get(5)).isEqualTo(Long.toString(last));
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(file)) {
            assertThat(store.events().list(said.get(0), 0, 500).items())
                    .extracting(RunEvent::seq)
                    .hasSize((int) last)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }
}
