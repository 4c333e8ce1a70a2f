package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.example.agent.Runners;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The program at work on a store of the test, and what the test waits for. Thread-safe. */
final class Agents {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final AgentRunStore store;
    private final List<NewQueueTask> tasks;
    private final Terminal terminal = new Terminal();
    private final LocalAgents agents;
    private CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    Agents(AgentRunStore store, Path directory, String lines, Options options) throws IOException {
        this(store, options.runner().open(store, options.agent()), directory, lines, options);
    }

    /** The program with runners of the test. */
    Agents(AgentRunStore store, Runners runners, Path directory, String lines, Options options) throws IOException {
        this.store = store;
        Path file = Files.writeString(directory.resolve("tasks.jsonl"), lines);
        this.tasks = TaskFile.read(file, options.agent().kind(), Instant.now());
        this.agents = new LocalAgents(store, runners, options.withTasks(file), terminal.stream());
    }

    /** Works until all is done. */
    int run() {
        return agents.run(tasks);
    }

    /** Works in another thread. */
    void start() {
        exitCode = CompletableFuture.supplyAsync(this::run);
    }

    /** Gives back what is running; the exit code that follows. */
    int stop() throws Exception {
        agents.stop();
        return exitCode();
    }

    int exitCode() throws Exception {
        return exitCode.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    /** The task of the file as it is to be queued. */
    NewQueueTask newTask(String title) {
        return tasks.stream()
                .filter(task -> task.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    /** The process ends, if it has not already. */
    static void assertEnds(ProcessHandle process) throws Exception {
        process.onExit().get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    String printed() {
        return terminal.text();
    }

    /** The task, once it is as wanted. */
    QueueTask await(String title, Predicate<QueueTask> wanted) {
        String cursor = null;
        long deadline = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() < deadline) {
            var page = store.queue().changes(TenantScope.all(), cursor, 100);
            for (QueueTask task : page.items()) {
                if (task.title().equals(title) && wanted.test(task)) {
                    return task;
                }
            }
            cursor = page.cursor();
            Thread.onSpinWait();
        }
        throw new AssertionError(title + " did not become what was waited for");
    }

    /** Waits until the latest run of the task has written the line, through the store's own await. */
    QueueTask awaitLine(String title, String line) {
        QueueTask running = await(title, task -> task.latestAttempt() != null);
        String runId = running.latestAttempt().runId();
        long after = 0;
        while (true) {
            EventPage page = store.events().await(runId, after, 100, LONG);
            if (page.items().stream().anyMatch(event -> text(event).equals(Optional.of(line)))) {
                return running;
            }
            if (page.ended() || page.items().isEmpty()) {
                throw new AssertionError("no line '" + line + "'");
            }
            after = page.nextAfterSeq();
        }
    }

    QueueTask task(String title) {
        return store.queue().list(QueueQuery.inQueue(TaskFile.QUEUE)).items().stream()
                .filter(task -> task.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    /** The runs of the task, oldest first. */
    List<Run> runs(String title) {
        String taskId = task(title).id();
        List<Run> newestFirst = store.runs().list(RunQuery.in(TenantScope.all())).items().stream()
                .filter(run -> taskId.equals(run.taskId()))
                .toList();
        return newestFirst.stream()
                .sorted((a, b) -> a.createdAt().compareTo(b.createdAt()))
                .toList();
    }

    List<String> output(Run run) {
        return store.events().list(run.id(), 0, 500).items().stream()
                .flatMap(event -> text(event).stream())
                .toList();
    }

    private static Optional<String> text(RunEvent event) {
        return event.payload().string("text");
    }
}
