package io.agentrun.example.terminal;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A line for each task that begins, fails, or ends. Not thread-safe: one thread at a time. */
public final class Progress {
    private static final int PAGE = 500;

    private final AgentRunStore store;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final int all;
    private final PrintStream out;
    private final long started = System.nanoTime();

    /** The progress of these tasks; those that have ended already are done. */
    public Progress(AgentRunStore store, List<String> taskIds, PrintStream out) {
        this.store = store;
        this.all = taskIds.size();
        this.out = out;
        for (String id : taskIds) {
            if (!store.queue().get(id).state().terminal()) {
                open.add(id);
            }
        }
    }

    /** Whether nothing is left to do. */
    public boolean allEnded() {
        return open.isEmpty();
    }

    /** Shows a task that has changed. */
    public void changed(QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        switch (task.state()) {
            case PENDING -> {
                if (attempt != null) {
                    say("again", task, "attempt " + attempt.number() + " ended with " + message(attempt.outcome()));
                }
            }
            case RUNNING -> {
                int most = task.retry().maxAttempts();
                String which = most == 1 ? "" : "attempt " + task.attempts() + " of " + most;
                say(task.cancelRequest() == null ? "running" : "to cancel", task, which);
            }
            case COMPLETED -> {
                open.remove(task.id());
                say("completed", task, attempt == null ? "" : lastLine(attempt.runId()));
            }
            case FAILED, BLOCKED, CANCELLED -> {
                open.remove(task.id());
                say(task.state().wire(), task, message(task.outcome()));
            }
        }
    }

    private String lastLine(@Nullable String runId) {
        String last = "";
        if (runId == null) {
            return last;
        }
        long after = 0;
        boolean more = true;
        while (more) {
            EventPage page = store.events().list(runId, after, PAGE);
            for (RunEvent event : page.items()) {
                last = event.type() == EventType.COMMAND_OUTPUT
                        ? event.payload().string("text").orElse(last)
                        : last;
            }
            after = page.nextAfterSeq();
            more = !page.ended() && !page.items().isEmpty();
        }
        return last.strip();
    }

    /** Shows what a task asks. */
    public void asks(QueueTask task, String text) {
        say("asks", task, text);
    }

    /** Shows what was done about runs of workers that are gone; from any thread. */
    public void recovered(String what) {
        line("recovered", what);
    }

    private void say(String what, QueueTask task, String more) {
        line(what, more.isEmpty() ? task.title() : task.title() + ": " + more);
    }

    private void line(String what, String more) {
        double seconds = (System.nanoTime() - started) / 1e9;
        out.println(
                String.format(Locale.ROOT, "%6.1fs  %2d/%d  %-9s  %s", seconds, all - open.size(), all, what, more));
    }

    private static String message(@Nullable Outcome outcome) {
        return outcome == null || outcome.message() == null ? "no reason given" : outcome.message();
    }
}
