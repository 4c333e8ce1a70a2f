package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandPage;
import io.agentrun.error.NotFoundException;
import io.agentrun.inspect.Bounds;
import io.agentrun.model.Idempotency;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run with what hangs on it, and what it hangs on, read one after the other. Immutable.
 *
 * @param commandKeys the keys of its commands, in their order, those that have one
 * @param whole whether all its commands were read
 */
record RunFile(
        Run run,
        List<CommandHead> commands,
        List<String> commandKeys,
        boolean whole,
        EventScan events,
        List<RunnerJob> jobs,
        @Nullable QueueTask task,
        @Nullable Session session) {

    /** Reads the run; empty if there is none (any more). */
    static Optional<RunFile> read(AgentRunStore store, String runId, Bounds bounds) {
        try {
            Run run = store.runs().get(runId);
            List<CommandHead> commands = new ArrayList<>();
            List<String> keys = new ArrayList<>();
            boolean whole = commands(store, runId, bounds, commands, keys);
            EventScan events = EventScan.of(store, runId, bounds);
            List<RunnerJob> jobs = store.runners().listJobs(runId);
            String sessionId = run.sessionId();
            Session session =
                    sessionId == null ? null : store.sessions().find(sessionId).orElse(null);
            QueueTask task = run.taskId() == null ? null : task(store, run.taskId());
            return Optional.of(
                    new RunFile(run, List.copyOf(commands), List.copyOf(keys), whole, events, jobs, task, session));
        } catch (NotFoundException purged) {
            return Optional.empty();
        }
    }

    /** Reads the run's commands, and returns whether these are all. */
    static boolean commands(
            AgentRunStore store, String runId, Bounds bounds, List<CommandHead> into, List<String> keys) {
        long after = 0;
        while (true) {
            CommandPage page = store.commands().list(runId, after, bounds.page());
            for (Command command : page.items()) {
                into.add(CommandHead.of(command));
                Idempotency idempotency = command.idempotency();
                if (idempotency != null) {
                    keys.add(idempotency.key());
                }
            }
            if (page.items().isEmpty() || page.nextAfterSeq() <= after) {
                return true;
            }
            if (into.size() >= bounds.eventsPerRun()) {
                return false;
            }
            after = page.nextAfterSeq();
        }
    }

    static @Nullable QueueTask task(AgentRunStore store, String taskId) {
        try {
            return store.queue().get(taskId);
        } catch (NotFoundException gone) {
            return null;
        }
    }
}
