package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.EventReader;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A host with little memory reads what others have written. */
class SmallHostTest {

    private static final int EVENTS = 300;

    @Test
    void a_host_with_128_megabytes_reads_300_events_of_a_megabyte_to_the_end() throws Exception {
        try (TestDatabase database = TestDatabase.migrated()) {
            String runId;
            try (PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
                Run run = store.runs()
                        .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                                .build());
                runId = run.id();
                // Half of what is stored can hardly be compressed, the other half very much.
                Random random = new Random(1);
                for (int i = 1; i < EVENTS; i++) {
                    String text = i % 2 == 0 ? "x".repeat(1_000_000) : words(random);
                    store.events().appendUnfenced(runId, new NewEvent(EventType.DIFF, JsonObject.of("text", text)));
                }
            }

            Process reader = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            EventReader.class.getName(),
                            database.url(),
                            runId)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(reader.waitFor()).isZero();
            assertThat(said).contains("events " + EVENTS + " ready true");
        }
    }

    private static String words(Random random) {
        StringBuilder text = new StringBuilder(1_000_000);
        while (text.length() < 1_000_000) {
            text.append(Long.toString(random.nextLong() >>> 1, 36), 0, 5).append(' ');
        }
        return text.substring(0, 1_000_000);
    }
}
