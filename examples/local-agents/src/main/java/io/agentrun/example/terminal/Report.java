package io.agentrun.example.terminal;

import io.agentrun.AgentRunStore;
import io.agentrun.example.Pages;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How the tasks went, read from the store. Immutable. */
public final class Report {
    private final List<QueueTask> tasks;
    private final Map<String, List<Run>> runsByTask;

    private Report(List<QueueTask> tasks, Map<String, List<Run>> runsByTask) {
        this.tasks = tasks;
        this.runsByTask = runsByTask;
    }

    /** The report of these tasks as they are now. */
    public static Report of(AgentRunStore store, TenantScope scope, List<String> taskIds) {
        Map<String, List<Run>> runs = new HashMap<>();
        RunQuery query = RunQuery.in(scope).withLimit(500);
        for (Run run : Pages.all(query, q -> store.runs().list(q), RunQuery::withCursor)) {
            runs.computeIfAbsent(String.valueOf(run.taskId()), task -> new ArrayList<>())
                    .add(run);
        }
        runs.values().forEach(Collections::reverse); // the list is newest first
        return new Report(taskIds.stream().map(id -> store.queue().get(id)).toList(), runs);
    }

    /** Whether every task completed. */
    public boolean allCompleted() {
        return tasks.stream().allMatch(task -> task.state() == TaskState.COMPLETED);
    }

    /** Prints a line per task: attempts, the runs in their order, how it ended, and from its first run to its last end. */
    public void printTasks(PrintStream out) {
        Table table = new Table("#", "task", "state", "attempts", "runs", "ended with", "seconds");
        for (int i = 0; i < tasks.size(); i++) {
            QueueTask task = tasks.get(i);
            List<Run> runs = runsByTask.getOrDefault(task.id(), List.of());
            table.row(
                    String.valueOf(i + 1),
                    task.title(),
                    task.state().wire(),
                    task.attempts() + " of " + task.retry().maxAttempts(),
                    runs.stream().map(run -> run.status().wire()).collect(Collectors.joining(", ")),
                    endedWith(task),
                    seconds(runs));
        }
        out.println();
        table.print(out);
    }

    private static String endedWith(QueueTask task) {
        if (task.state() == TaskState.COMPLETED) {
            return "exit code 0";
        }
        Outcome outcome = task.outcome();
        return outcome == null || outcome.message() == null ? "" : outcome.message();
    }

    private static String seconds(List<Run> runs) {
        if (runs.isEmpty()) {
            return "";
        }
        Instant first = runs.get(0).createdAt();
        Instant last = runs.get(runs.size() - 1).updatedAt();
        return String.format(Locale.ROOT, "%.2f", Duration.between(first, last).toMillis() / 1e3);
    }

    /** Prints the sessions that have changed since the reader saw them, and marks them as read up to what was printed. */
    public static void printUnreadSessions(AgentRunStore store, TenantScope scope, String readerId, PrintStream out) {
        SessionQuery query =
                SessionQuery.in(scope).withFilter(SessionFilter.UNREAD).withReaderId(readerId);
        // All pages first: what is marked as read leaves the list that is being read.
        List<SessionSummary> unread = Pages.all(query, q -> store.sessions().list(q), SessionQuery::withCursor);
        out.println();
        if (unread.isEmpty()) {
            out.println("no unread sessions");
            return;
        }
        Table table = new Table("unread session", "title", "turns", "state", "last outcome");
        for (SessionSummary summary : unread) {
            Session session = summary.session();
            Outcome outcome = session.activity().outcome();
            table.row(
                    session.id(),
                    session.title() == null ? "" : session.title(),
                    String.valueOf(session.activity().turns()),
                    session.activity().state().wire(),
                    outcome == null ? "" : outcome.status().wire());
        }
        table.print(out);
        for (SessionSummary summary : unread) {
            Session session = summary.session();
            store.sessions().markRead(session.id(), readerId, session.version());
        }
    }
}
