package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store on a file logs. */
class FileLogTest {

    private final Logger logger = Logger.getLogger("io.agentrun.file");
    private final List<String> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @TempDir
    Path directory;

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    private static void oneRun(Path file) {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(file)) {
            store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .build());
        }
    }

    @Test
    void an_entry_that_a_crash_has_torn_is_logged_once_when_the_file_is_opened() throws IOException {
        Path file = directory.resolve("state");
        oneRun(file);
        oneRun(file);
        assertThat(logged).isEmpty();
        Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);

        oneRun(file);
        oneRun(file);

        assertThat(logged)
                .containsExactly("WARNING the last entry of the file was not written whole and was left out:"
                        + " no call has returned for it");
    }
}
