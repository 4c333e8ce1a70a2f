package io.agentrun.memory;

import io.agentrun.Idempotency;
import io.agentrun.Owner;
import io.agentrun.ReadMark;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All records of a store with the indexes that find them, guarded by the engine's lock.
 *
 * <p>{@link #apply} is the only way in, for new writes and for those replayed from a file.
 */
final class MemoryState {

    /** A key in its scope; scopes of different kinds never meet. */
    record KeyInScope(String kind, String scope, String key) {}

    /** Who read what. */
    record Reader(String subjectId, String readerId) {}

    final Map<String, RunEntry> runs = new HashMap<>();
    /** Each run as it was created: age does not change, and the present record is in {@link #runs}. */
    final TreeSet<Run> runsByAge = new TreeSet<>(Orders.RUNS_NEWEST_FIRST);
    final TreeSet<Run> pendingRuns = new TreeSet<>(Orders.RUNS_OLDEST_FIRST);
    final TreeSet<Run> leasedRuns = new TreeSet<>(Orders.RUNS_BY_EXPIRY);
    final TreeSet<Run> endedRuns = new TreeSet<>(Orders.RUNS_BY_END);
    final Map<String, Command> commands = new HashMap<>();
    final Map<KeyInScope, String> keys = new HashMap<>();

    final Map<String, Session> sessions = new HashMap<>();
    final TreeSet<Session> sessionsByActivity = new TreeSet<>(Orders.SESSIONS_BY_ACTIVITY);
    final TreeMap<Long, Session> sessionsByVersion = new TreeMap<>();
    final TreeSet<Session> collectable = new TreeSet<>(Orders.SESSIONS_OLDEST_FIRST);
    final Map<String, Set<String>> openRunsOfSession = new HashMap<>();
    final Map<String, TreeMap<Long, String>> openTurnsOfSession = new HashMap<>();
    final Map<Reader, ReadMark> sessionMarks = new HashMap<>();
    final Map<String, Write.OfCollector> collectors = new HashMap<>();

    final Map<String, QueueTask> tasks = new HashMap<>();
    /** Each task as it was created: its place does not change, and the present record is in {@link #tasks}. */
    final TreeSet<QueueTask> tasksInOrder = new TreeSet<>(Orders.TASKS);
    final TreeSet<QueueTask> pendingTasks = new TreeSet<>(Orders.TASKS);
    final TreeMap<Long, QueueTask> tasksByVersion = new TreeMap<>();
    final Map<Reader, ReadMark> taskMarks = new HashMap<>();

    final Map<String, Runner> runners = new HashMap<>();
    final TreeMap<String, Backend> backends = new TreeMap<>(Orders.BY_CODE_POINT);

    long lastSessionVersion;
    long lastTaskVersion;

    /** Makes the write visible; it cannot fail for a write that a rule made. */
    void apply(Write write) {
        if (write instanceof Write.OfEvent event) {
            entry(event.event().runId()).events.add(event.event());
        } else if (write instanceof Write.OfRun run) {
            put(run.run());
        } else if (write instanceof Write.OfCommand command) {
            put(command.command());
        } else if (write instanceof Write.OfSession session) {
            put(session.session());
        } else if (write instanceof Write.OfTask task) {
            put(task.task());
        } else if (write instanceof Write.OfRunner runner) {
            runners.put(runner.runner().id(), runner.runner());
        } else if (write instanceof Write.OfJob job) {
            put(job.job());
        } else if (write instanceof Write.OfBackend backend) {
            backends.put(backend.backend().profile().wire(), backend.backend());
        } else if (write instanceof Write.OfSessionMark mark) {
            sessionMarks.put(new Reader(mark.mark().subjectId(), mark.mark().readerId()), mark.mark());
        } else if (write instanceof Write.OfTaskMark mark) {
            taskMarks.put(new Reader(mark.mark().subjectId(), mark.mark().readerId()), mark.mark());
        } else if (write instanceof Write.OfCollector collector) {
            collectors.put(collector.sessionId(), collector);
        } else if (write instanceof Write.Purged purged) {
            remove(entry(purged.runId()));
        }
    }

    RunEntry entry(String runId) {
        RunEntry entry = runs.get(runId);
        if (entry == null) {
            throw new IllegalStateException("a write names the unknown run " + runId);
        }
        return entry;
    }

    private void put(Run run) {
        RunEntry entry = runs.get(run.id());
        if (entry == null) {
            runs.put(run.id(), new RunEntry(run));
            runsByAge.add(run);
            remember(run.idempotency(), "run", scope(run.owner()), run.id());
        } else {
            unindex(entry.run());
            entry.run(run);
        }
        index(run);
    }

    private void index(Run run) {
        if (run.status() == RunStatus.PENDING) {
            pendingRuns.add(run);
        }
        if (run.claim().lease() != null) {
            leasedRuns.add(run);
        }
        if (run.isTerminal()) {
            endedRuns.add(run);
        } else if (run.sessionId() != null) {
            openRunsOfSession
                    .computeIfAbsent(run.sessionId(), id -> new HashSet<>(2))
                    .add(run.id());
        }
    }

    private void unindex(Run run) {
        pendingRuns.remove(run);
        if (run.claim().lease() != null) {
            leasedRuns.remove(run);
        }
        if (run.isTerminal()) {
            endedRuns.remove(run);
        } else if (run.sessionId() != null) {
            Set<String> open = openRunsOfSession.get(run.sessionId());
            if (open != null && open.remove(run.id()) && open.isEmpty()) {
                openRunsOfSession.remove(run.sessionId());
            }
        }
    }

    private void remove(RunEntry entry) {
        Run run = entry.run();
        unindex(run);
        runsByAge.remove(run);
        runs.remove(run.id());
        forget(run.idempotency(), "run", scope(run.owner()));
        for (Command command : entry.commands) {
            commands.remove(command.id());
            forget(command.idempotency(), "command", run.id());
        }
        for (RunnerJob job : entry.jobs) {
            forget(job.idempotency(), "job", run.id());
        }
    }

    private void put(Command command) {
        RunEntry entry = entry(command.runId());
        entry.put(command);
        if (commands.put(command.id(), command) == null) {
            remember(command.idempotency(), "command", command.runId(), command.id());
        }
        String sessionId = entry.run().sessionId();
        if (sessionId == null || command.type() != CommandType.TURN) {
            return;
        }
        if (command.state().terminal()) {
            TreeMap<Long, String> open = openTurnsOfSession.get(sessionId);
            if (open != null && open.remove(command.order().ordinal()) != null && open.isEmpty()) {
                openTurnsOfSession.remove(sessionId);
            }
        } else {
            openTurnsOfSession
                    .computeIfAbsent(sessionId, id -> new TreeMap<>())
                    .put(command.order().ordinal(), command.id());
        }
    }

    private void put(RunnerJob job) {
        entry(job.runId()).jobs.add(job);
        remember(job.idempotency(), "job", job.runId(), job.id());
    }

    private void put(Session session) {
        Session old = sessions.put(session.id(), session);
        if (old != null) {
            sessionsByActivity.remove(old);
            sessionsByVersion.remove(old.version());
            collectable.remove(old);
        }
        sessionsByActivity.add(session);
        sessionsByVersion.put(session.version(), session);
        switch (session.storage().state()) {
            case PROVISIONING, READY, MISSING, EVICTING -> collectable.add(session);
            case NONE, EVICTED -> {}
        }
        lastSessionVersion = Math.max(lastSessionVersion, session.version());
    }

    private void put(QueueTask task) {
        QueueTask old = tasks.put(task.id(), task);
        if (old == null) {
            tasksInOrder.add(task);
            remember(task.idempotency(), "task", scope(task.owner()), task.id());
        } else {
            pendingTasks.remove(old);
            tasksByVersion.remove(old.version());
        }
        if (task.state() == TaskState.PENDING) {
            pendingTasks.add(task);
        }
        tasksByVersion.put(task.version(), task);
        lastTaskVersion = Math.max(lastTaskVersion, task.version());
    }

    @Nullable String keyed(String kind, String scope, String key) {
        return keys.get(new KeyInScope(kind, scope, key));
    }

    static String scope(Owner owner) {
        return owner.tenantId() + '\n' + owner.projectId();
    }

    private void remember(@Nullable Idempotency idempotency, String kind, String scope, String id) {
        if (idempotency != null) {
            keys.put(new KeyInScope(kind, scope, idempotency.key()), id);
        }
    }

    private void forget(@Nullable Idempotency idempotency, String kind, String scope) {
        if (idempotency != null) {
            keys.remove(new KeyInScope(kind, scope, idempotency.key()));
        }
    }

    /** Gives the whole state as writes that build it up again, in an order that {@link #apply} accepts. */
    void forEachWrite(Consumer<Write> consumer) {
        backends.values().forEach(backend -> consumer.accept(new Write.OfBackend(backend)));
        sessions.values().forEach(session -> consumer.accept(new Write.OfSession(session)));
        for (RunEntry entry : runs.values()) {
            consumer.accept(new Write.OfRun(entry.run()));
            entry.commands.forEach(command -> consumer.accept(new Write.OfCommand(command)));
            entry.events.forEach(event -> consumer.accept(new Write.OfEvent(event)));
            entry.jobs.forEach(job -> consumer.accept(new Write.OfJob(job)));
        }
        tasks.values().forEach(task -> consumer.accept(new Write.OfTask(task)));
        runners.values().forEach(runner -> consumer.accept(new Write.OfRunner(runner)));
        sessionMarks.values().forEach(mark -> consumer.accept(new Write.OfSessionMark(mark)));
        taskMarks.values().forEach(mark -> consumer.accept(new Write.OfTaskMark(mark)));
        collectors.values().forEach(consumer);
    }
}
