package io.agentrun.example.terminal;

import io.agentrun.AgentRunStore;
import io.agentrun.error.StoreClosedException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Shows the output of one task while it comes, run after run, to the very end.
 *
 * <p>Thread-safe.
 */
public final class Tail {
    private static final int PAGE = 200;
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Set<String> BEGINS_ANEW = Set.of("run-released", "run-recovered");
    private static final long LOOK_MILLIS = 50;

    private final AgentRunStore store;
    private final String taskId;
    private final PrintStream out;
    private final Thread thread;

    private Tail(AgentRunStore store, String taskId, PrintStream out) {
        this.store = store;
        this.taskId = taskId;
        this.out = out;
        this.thread = new Thread(this::follow, "tail");
        thread.setDaemon(true);
    }

    /** Begins to show the task's output, from the beginning of its latest run. */
    public static Tail start(AgentRunStore store, String taskId, PrintStream out) {
        Tail tail = new Tail(store, taskId, out);
        tail.thread.start();
        return tail;
    }

    /** Waits until everything is shown; the task must have ended. */
    public void join() {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try {
            String shown = "";
            while (true) {
                QueueTask task = store.queue().get(taskId);
                TaskAttempt attempt = task.latestAttempt();
                String runId = attempt == null ? null : attempt.runId();
                if (runId != null && !runId.equals(shown)) {
                    show(runId);
                    shown = runId;
                } else if (task.state().terminal()) {
                    return;
                } else {
                    Thread.sleep(LOOK_MILLIS);
                }
            }
        } catch (StoreClosedException | InterruptedException e) {
            // The program ends before the task does.
        }
    }

    private void show(String runId) {
        long after = 0;
        boolean ended = false;
        while (!ended) {
            EventPage page = store.events().await(runId, after, PAGE, WAIT);
            page.items().forEach(this::show);
            after = page.nextAfterSeq();
            ended = page.ended();
        }
    }

    private void show(RunEvent event) {
        switch (event.type()) {
            case COMMAND_OUTPUT, ASSISTANT_MESSAGE, ERROR ->
                out.println("         | " + event.payload().string("text").orElse(""));
            case BACKEND_STATUS -> {
                if (event.payload()
                        .string("phase")
                        .filter(BEGINS_ANEW::contains)
                        .isPresent()) {
                    out.println("         | -- interrupted; begins anew --");
                }
            }
            case QUESTION_ASKED ->
                out.println("         | ? " + event.payload().string("text").orElse(""));
            case TOOL_CALL, DIFF, QUESTION_ANSWERED, TERMINAL_STATUS -> {
                // For whoever looks at how the run went, not for whoever reads along.
            }
        }
    }
}
