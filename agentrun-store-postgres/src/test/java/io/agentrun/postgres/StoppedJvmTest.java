package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Recovery;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.LineWorker;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A JVM that stands still for longer than a lease, by SIGSTOP, and goes on. */
class StoppedJvmTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void what_stood_still_for_longer_than_its_lease_writes_nothing_any_more() throws Exception {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(4))
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .build()) {
            QueueTask task = store.queue()
                    .create(NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX))
                            .payload(JsonObject.of("prompt", "write"))
                            .retry(RetryPolicy.of(2, Duration.ZERO))
                            .build());
            Process zombie = start(database.url());
            try (BufferedReader said = zombie.inputReader(StandardCharsets.UTF_8)) {
                String runId = runOf(store, task);
                awaitLines(store, runId, 3);
                signal("STOP", zombie);
                database.advance(Duration.ofMinutes(3));
                List<Recovery> recovered = store.leases().recoverExpired(ExpiredQuery.in(TenantScope.all()));
                long before = events(store, runId).size();

                Taken taken = store.queue()
                        .take(TakeRequest.by("heir", DispatchRequest.any()).withTimeout(Duration.ofSeconds(10)))
                        .get(0);
                write(store, taken.lease().fence(), "heir 1");
                signal("CONT", zombie);
                String told = said.readLine();
                write(store, taken.lease().fence(), "heir 2");

                assertThat(recovered).extracting(Recovery::runId).containsExactly(runId);
                assertThat(told).isEqualTo("lost " + runId);
                assertThat(events(store, runId)).hasSize((int) before);
                assertThat(texts(events(store, taken.lease().run().id()))).containsExactly("heir 1", "heir 2");
            } finally {
                signal("CONT", zombie);
                zombie.destroyForcibly().waitFor();
            }
        }
    }

    private static Process start(String url) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LineWorker.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        if (process.isAlive()) {
            int code = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            assertThat(code).isZero();
        }
    }

    /** Waits, by the feed of the queue, until the task has a run. */
    private static String runOf(PostgresAgentRunStore store, QueueTask task) {
        QueueTask now = task;
        while (now.latestAttempt() == null) {
            now = store.queue().get(task.id());
            Thread.onSpinWait();
        }
        return Objects.requireNonNull(now.latestAttempt().runId());
    }

    private static void awaitLines(PostgresAgentRunStore store, String runId, int lines) {
        long after = 0;
        int seen = 0;
        while (seen < lines) {
            EventPage page = store.events().await(runId, after, 100, LONG);
            assertThat(page.items()).isNotEmpty();
            seen += texts(page.items()).size();
            after = page.nextAfterSeq();
        }
    }

    private static void write(PostgresAgentRunStore store, Fence fence, String line) {
        store.events().append(fence, new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", line)));
    }

    private static List<RunEvent> events(PostgresAgentRunStore store, String runId) {
        List<RunEvent> all = new ArrayList<>();
        EventPage page = store.events().list(runId, 0, 500);
        while (!page.items().isEmpty()) {
            all.addAll(page.items());
            page = store.events().list(runId, page.nextAfterSeq(), 500);
        }
        return all;
    }

    private static List<String> texts(List<RunEvent> events) {
        return events.stream()
                .filter(event -> event.type() == EventType.COMMAND_OUTPUT)
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }
}
