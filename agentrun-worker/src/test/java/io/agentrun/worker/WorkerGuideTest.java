package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The program of the guide is the one that is compiled here, and runs: without the program codex its turns fail. */
class WorkerGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "embedding.md");
    private static final Path PROGRAM = Path.of("src/test/java/io/agentrun/worker/WorkerGuide.java");

    @Test
    void the_program_of_the_guide_is_the_one_that_is_compiled_here() throws IOException {
        String chapter = Files.readString(GUIDE).split("(?m)^## The worker$")[1].split("(?m)^## ")[0];

        assertThat(found(chapter, "(?s)```java\n(.*?)```"))
                .isEqualTo(found(Files.readString(PROGRAM), "(?s)// guide begins\n(.*?)\n *// guide ends")
                                .stripIndent()
                        + "\n");
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Test
    void it_runs() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create();
                AgentWorker worker = WorkerGuide.start(store)) {
            QueueTask task = store.queue()
                    .create(NewQueueTask.builder(new Owner("t", "p"), "fixes", "T", RunSpec.of(BackendProfile.CODEX))
                            .payload(JsonObject.of("prompt", "fix it"))
                            .build());
            QueueTask now = store.queue().get(task.id());
            while (!now.state().terminal()) {
                var attempt = now.latestAttempt();
                if (attempt != null) {
                    store.events().await(attempt.runId(), 3, 100, Duration.ofSeconds(30));
                }
                now = store.queue().get(task.id());
            }

            assertThat(now.state()).isIn(TaskState.FAILED, TaskState.COMPLETED);
            assertThat(worker).isNotNull();
        }
    }
}
