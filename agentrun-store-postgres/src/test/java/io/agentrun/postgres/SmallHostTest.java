package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.EventReader;
import io.agentrun.postgres.testing.TaskTaker;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A host with little memory reads what others have written. */
class SmallHostTest {

    private static final int EVENTS = 300;
    private static final int TASKS = 120;

    /** All runs are pending, as if their runners had given them back. */
    private static final String GIVEN_BACK = """
            UPDATE "agent""run".agentrun_run_state
            SET status = 'pending', epoch = epoch + 1, generation = 1, runner_id = NULL, fence_hash = NULL, lease_expires_at = NULL;
            """;

    /** Repeats the second and the third event of the only run by turns, faster than a store could append them. */
    private static final String COPIES = """
            SET search_path = "agent""run";

            INSERT INTO agentrun_events (id, run_id, seq, type, payload, created_at)
            SELECT e.id || '_' || n, e.run_id, n, e.type, e.payload, e.created_at
            FROM generate_series(4, {last}) AS n
            JOIN agentrun_events e ON e.seq = 2 + n % 2;

            UPDATE agentrun_run_state SET event_seq = {last};
            RESET search_path;
            """;

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
                append(store, runId, "x".repeat(1_000_000));
                append(store, runId, words(new Random(1)));
            }
            // Examining 300 MB takes longer than all the rest.
            database.leaveUnexamined();
            database.execute(COPIES.replace("{last}", String.valueOf(EVENTS)));

            String said = inSmallHost(EventReader.class, database.url(), runId);

            assertThat(said).contains("events " + EVENTS + " ready true");
        }
    }

    @Test
    void a_host_with_128_megabytes_takes_120_tasks_of_a_megabyte_each_twice() throws Exception {
        try (TestDatabase database = TestDatabase.migrated()) {
            try (PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
                JsonObject payload = JsonObject.of("prompt", words(new Random(1)));
                for (int i = 0; i < TASKS; i++) {
                    store.queue()
                            .create(NewQueueTask.builder(
                                            new Owner("t", "p"), "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                                    .payload(payload)
                                    .build());
                }
            }
            // Examining 240 MB takes longer than all the rest.
            database.leaveUnexamined();

            String fresh = inSmallHost(TaskTaker.class, database.url());
            database.execute(GIVEN_BACK);
            String again = inSmallHost(TaskTaker.class, database.url());

            assertThat(List.of(fresh, again))
                    .allSatisfy(said -> assertThat(said).contains("tasks " + TASKS + " head 8 ready true"));
        }
    }

    /** What the program says. */
    private static String inSmallHost(Class<?> program, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said;
    }

    private static void append(PostgresAgentRunStore store, String runId, String text) {
        store.events().appendUnfenced(runId, new NewEvent(EventType.DIFF, JsonObject.of("text", text)));
    }

    private static String words(Random random) {
        StringBuilder text = new StringBuilder(1_000_000);
        while (text.length() < 1_000_000) {
            text.append(Long.toString(random.nextLong() >>> 1, 36), 0, 5).append(' ');
        }
        return text.substring(0, 1_000_000);
    }
}
