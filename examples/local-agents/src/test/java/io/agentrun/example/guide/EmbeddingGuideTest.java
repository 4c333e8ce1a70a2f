package io.agentrun.example.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.worker.AgentWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EmbeddingGuideTest {

    private static final Path ROOT = Path.of("../..");
    private static final List<String> PROGRAMS = List.of(
            "agentrun-worker/src/test/java/io/agentrun/worker/WorkerGuide.java",
            "agentrun-worker/src/test/java/io/agentrun/worker/stream/StreamingGuide.java",
            "agentrun-store-postgres/src/test/java/io/agentrun/postgres/MeterGuide.java",
            "examples/local-agents/src/test/java/io/agentrun/example/guide/EmbeddingGuide.java");

    @Test
    void every_java_program_of_the_guide_is_compiled_by_a_test_of_its_module() throws IOException {
        List<String> compiled = new ArrayList<>();
        for (String program : PROGRAMS) {
            found(Files.readString(ROOT.resolve(program)), "(?s)// guide begins\n(.*?)\n *// guide ends")
                    .forEach(source -> compiled.add(source.stripIndent() + "\n"));
        }

        List<String> quoted = found(guide(), "(?s)```java\n(.*?)```");

        assertThat(quoted).hasSizeGreaterThanOrEqualTo(9).containsExactlyInAnyOrderElementsOf(compiled);
    }

    @Test
    void its_chapters_stand_in_the_order_in_which_a_host_needs_them() throws IOException {
        assertThat(found(guide(), "(?m)^## (.*)$"))
                .startsWith("The worker", "Transactions", "Streaming", "Shutdown", "Virtual threads", "Tests");
    }

    @Test
    void the_test_of_the_guide_passes() {
        EmbeddingGuide.noFaultLosesALine();
    }

    @Test
    void the_agent_and_the_executor_of_the_guide_work() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (AgentRunStore store = InMemoryAgentRunStore.create();
                AgentWorker worker = EmbeddingGuide.onThreadsOf(
                                threads, AgentWorker.builder(store, "host-1").agent(EmbeddingGuide.reviewer()))
                        .start()) {
            EmbeddingGuide.closeAtTheEnd(worker, store);
            QueueTask task = store.queue()
                    .create(NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX))
                            .build());
            QueueTask now = task;
            while (!now.state().terminal()) {
                now = store.queue().get(task.id());
                if (now.latestAttempt() != null) {
                    store.events().await(now.latestAttempt().runId(), 3, 100, Duration.ofSeconds(30));
                }
            }

            // There is no such program.
            assertThat(now.state()).isEqualTo(TaskState.FAILED);
            assertThat(now.outcome()).isNotNull();
            assertThat(now.outcome().message()).contains("cannot be started");
        } finally {
            threads.shutdown();
        }
    }

    private static String guide() throws IOException {
        return Files.readString(ROOT.resolve("docs/embedding.md"));
    }

    private static List<String> found(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
