package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.example.terminal.Progress;
import io.agentrun.model.ChangePage;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The questions of the tasks: shows each, and gives the answers of the command line. Not thread-safe: one thread at a time. */
final class Questions {
    private final AgentRunStore store;
    private final TenantScope scope;
    private final Progress progress;
    private final Map<String, String> answers;
    private final Map<String, Question> open = new LinkedHashMap<>();
    private @Nullable String cursor;

    /**
     * The questions of this scope.
     *
     * @param answers what the command line answers, by the id of the task
     */
    Questions(AgentRunStore store, TenantScope scope, Progress progress, Map<String, String> answers) {
        this.store = store;
        this.scope = scope;
        this.progress = progress;
        this.answers = answers;
    }

    /** Takes what has changed since the last look; those of an earlier start too. */
    void look() {
        ChangePage<Question> page;
        do {
            page = store.questions().changes(scope, cursor, 100);
            cursor = page.cursor();
            page.items().forEach(this::changed);
        } while (page.more());
    }

    private void changed(Question question) {
        if (question.state() != QuestionState.OPEN) {
            open.remove(question.id());
        } else if (open.put(question.id(), question) == null) {
            QueueTask task = task(question);
            if (task != null) {
                progress.asks(task, question.content().text());
                answer(question, answers.get(task.id()));
            }
        }
    }

    private @Nullable QueueTask task(Question question) {
        String taskId = store.runs().get(question.runId()).taskId();
        return taskId == null ? null : store.queue().get(taskId);
    }

    private void answer(Question question, @Nullable String text) {
        if (text == null) {
            return;
        }
        try {
            store.questions().answer(question.id(), Reply.text(text), "terminal");
        } catch (AlreadyTerminalException e) {
            // Somebody was faster, in the console or in another terminal; the next look shows it.
        }
    }

    /** Returns whether each of the tasks that have not ended waits for an answer, and there is one at least. */
    boolean allWait(List<String> taskIds) {
        List<QueueTask> left = taskIds.stream()
                .map(id -> store.queue().get(id))
                .filter(task -> !task.state().terminal())
                .toList();
        return !open.isEmpty() && !left.isEmpty() && left.stream().allMatch(this::waits);
    }

    private boolean waits(QueueTask task) {
        String runId =
                task.latestAttempt() == null ? null : task.latestAttempt().runId();
        return runId != null && store.runs().get(runId).status() == RunStatus.WAITING;
    }

    /** Says how to go on with what is still open. */
    void printOpen(PrintStream out) {
        for (Question question : open.values()) {
            Run run = store.runs().get(question.runId());
            QueueTask task = task(question);
            if (task != null && run.status() == RunStatus.WAITING) {
                out.printf(
                        "%s waits for an answer: %s%n  started again on the same state with --answer '%s=TEXT', it goes on%n",
                        task.title(), question.content().text(), task.title());
            }
        }
    }
}
