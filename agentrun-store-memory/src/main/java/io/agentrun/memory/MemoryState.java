package io.agentrun.memory;

import io.agentrun.backend.Entry.CollectorLease;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.RunGuard;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All records of a store with the indexes that find them, guarded by the executor's lock.
 *
 * <p>{@link #apply} is the only way in, for new writes and for those replayed from a file.
 */
final class MemoryState {

    /** A key in its scope; scopes of different kinds never meet. */
    record KeyInScope(String kind, String scope, String key) {}

    /** Who read what. */
    record Reader(String subjectId, String readerId) {}

    final Map<String, RunEntry> runs = new HashMap<>();
    final TreeSet<IndexKey> runsByAge = new TreeSet<>(IndexKey.NEWEST_FIRST);
    final RunsOf runsOfTasks = new RunsOf(IndexKey.OLDEST_FIRST);
    final RunsOf runsOfSessions = new RunsOf(IndexKey.NEWEST_FIRST);
    final TreeSet<IndexKey> pendingRuns = new TreeSet<>(IndexKey.OLDEST_FIRST);
    final TreeSet<IndexKey> pendingRunsOfTasks = new TreeSet<>(IndexKey.RANK_FIRST);
    /** Task and pending run, where the run came before its task: so in files of earlier versions. */
    private final Map<String, String> pendingBeforeTask = new HashMap<>();

    final TreeSet<IndexKey> leasedRuns = new TreeSet<>(IndexKey.OLDEST_FIRST);
    /** Those that must be claimed within a time. */
    final TreeSet<IndexKey> limitedRuns = new TreeSet<>(IndexKey.OLDEST_FIRST);

    final TreeSet<IndexKey> endedRuns = new TreeSet<>(IndexKey.OLDEST_FIRST);
    final Map<String, Command> commands = new HashMap<>();
    final Map<KeyInScope, String> keys = new HashMap<>();

    final Map<String, Session> sessions = new HashMap<>();
    final TreeSet<IndexKey> sessionsByActivity = new TreeSet<>(IndexKey.ACTIVE_FIRST);
    final TreeMap<Long, Session> sessionsByVersion = new TreeMap<>();
    final TreeSet<IndexKey> collectable = new TreeSet<>(IndexKey.OLDEST_FIRST);
    final Map<String, Set<String>> openRunsOfSession = new HashMap<>();
    final Map<String, TreeMap<Long, String>> openTurnsOfSession = new HashMap<>();
    final Map<Reader, ReadMark> sessionMarks = new HashMap<>();
    final Map<String, CollectorLease> collectors = new HashMap<>();

    final Map<String, QueueTask> tasks = new HashMap<>();
    final TreeSet<IndexKey> tasksInOrder = new TreeSet<>(IndexKey.RANK_FIRST);
    final TreeSet<IndexKey> pendingTasks = new TreeSet<>(IndexKey.RANK_FIRST);
    final TreeMap<Long, QueueTask> tasksByVersion = new TreeMap<>();
    final OpenTasks openTasks = new OpenTasks();
    final DeadlineIndex deadlines = new DeadlineIndex();
    final Map<Reader, ReadMark> taskMarks = new HashMap<>();

    final MemoryQuestions questions = new MemoryQuestions();

    final ScheduleIndex schedules = new ScheduleIndex();
    final Map<String, Runner> runners = new HashMap<>();
    final TreeMap<String, Backend> backends = new TreeMap<>(IndexKey.BY_CODE_POINT);

    final MemoryLimits limits = new MemoryLimits();
    private long eventsAndJobs;
    long lastSessionVersion;
    long lastTaskVersion;

    /** Makes the write visible; it cannot fail for a write that a rule made. */
    void apply(Write write) {
        if (write instanceof Write.OfEvent event) {
            entry(event.event().runId()).events.add(event.event());
            eventsAndJobs++;
        } else if (write instanceof Write.OfRun run) {
            put(run.run(), run.guardOrNone());
        } else if (write instanceof Write.OfGuard guard) {
            RunEntry entry = entry(guard.runId());
            entry.run(entry.run(), guard.guard());
        } else if (write instanceof Write.OfCommand command) {
            put(command.command());
        } else if (write instanceof Write.OfSession session) {
            put(session.session());
        } else if (write instanceof Write.OfTask task) {
            put(task.task());
        } else if (write instanceof Write.OfQuestion question) {
            put(question.question());
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
            collectors.put(collector.sessionId(), collector.lease());
        } else if (write instanceof Write.Purged purged) {
            remove(entry(purged.runId()));
        } else if (write instanceof Write.Deleted deleted) {
            openTasks.delete(this, deleted.kind(), deleted.id());
        } else if (write instanceof Write.Versions versions) {
            lastSessionVersion = Math.max(lastSessionVersion, versions.session());
            lastTaskVersion = Math.max(lastTaskVersion, versions.task());
        } else {
            limits.apply(write);
            schedules.apply(write);
        }
    }

    RunEntry entry(String runId) {
        RunEntry entry = runs.get(runId);
        if (entry == null) {
            throw new IllegalStateException("a write names the unknown run " + runId);
        }
        return entry;
    }

    private void put(Run run, RunGuard guard) {
        RunEntry entry = runs.get(run.id());
        if (entry == null) {
            runs.put(run.id(), new RunEntry(run, guard));
            runsByAge.add(IndexKey.created(run));
            runsOfTasks.add(run.taskId(), run);
            runsOfSessions.add(run.sessionId(), run);
            remember(run.idempotency(), "run", scope(run.owner()), run.id());
        } else {
            unindex(entry.run());
            entry.run(run, guard);
        }
        index(run);
    }

    private void index(Run run) {
        deadlines.add(run);
        Lease lease = run.claim().lease();
        if (lease != null) {
            leasedRuns.add(IndexKey.expiring(run, lease));
        }
        ClaimLimit limit = run.claimLimit();
        if (limit != null && limit.until() != null) {
            limitedRuns.add(IndexKey.claimable(run, limit.until()));
        }
        if (run.status() == RunStatus.PENDING) {
            pendingRuns.add(IndexKey.created(run));
            indexForTakes(run);
        }
        if (run.isTerminal()) {
            endedRuns.add(IndexKey.ended(run));
        } else if (run.sessionId() != null) {
            openRunsOfSession
                    .computeIfAbsent(run.sessionId(), id -> new HashSet<>(2))
                    .add(run.id());
        }
    }

    private void indexForTakes(Run run) {
        String taskId = run.taskId();
        QueueTask task = taskId == null ? null : tasks.get(taskId);
        if (task != null) {
            pendingRunsOfTasks.add(IndexKey.waiting(run, task));
        } else if (taskId != null) {
            pendingBeforeTask.put(taskId, run.id());
        }
    }

    private void unindexForTakes(Run run) {
        String taskId = run.taskId();
        QueueTask task = taskId == null ? null : tasks.get(taskId);
        if (task != null) {
            pendingRunsOfTasks.remove(IndexKey.waiting(run, task));
        } else if (taskId != null) {
            pendingBeforeTask.remove(taskId, run.id());
        }
    }

    private void unindex(Run run) {
        deadlines.remove(run);
        Lease lease = run.claim().lease();
        if (lease != null) {
            leasedRuns.remove(IndexKey.expiring(run, lease));
        }
        ClaimLimit limit = run.claimLimit();
        if (limit != null && limit.until() != null) {
            limitedRuns.remove(IndexKey.claimable(run, limit.until()));
        }
        if (run.status() == RunStatus.PENDING) {
            pendingRuns.remove(IndexKey.created(run));
            unindexForTakes(run);
        }
        if (run.isTerminal()) {
            endedRuns.remove(IndexKey.ended(run));
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
        runsByAge.remove(IndexKey.created(run));
        runsOfTasks.remove(run.taskId(), run);
        runsOfSessions.remove(run.sessionId(), run);
        runs.remove(run.id());
        eventsAndJobs -= entry.events.size() + entry.jobs.size();
        forget(run.idempotency(), "run", scope(run.owner()));
        for (Command command : entry.commands) {
            commands.remove(command.id());
            forget(command.idempotency(), "command", run.id());
        }
        for (Question question : questions.ofRun(run.id())) {
            forget(question.idempotency(), "question", run.id());
        }
        questions.removeOfRun(run.id());
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

    private void put(Question question) {
        if (questions.put(question)) {
            remember(question.idempotency(), "question", question.runId(), question.id());
        }
    }

    private void put(RunnerJob job) {
        entry(job.runId()).jobs.add(job);
        eventsAndJobs++;
        remember(job.idempotency(), "job", job.runId(), job.id());
    }

    private void put(Session session) {
        Session old = sessions.put(session.id(), session);
        if (old != null) {
            sessionsByActivity.remove(IndexKey.updated(old));
            sessionsByVersion.remove(old.version());
            collectable.remove(IndexKey.updated(old));
        }
        sessionsByActivity.add(IndexKey.updated(session));
        sessionsByVersion.put(session.version(), session);
        switch (session.storage().state()) {
            case PROVISIONING, READY, MISSING, EVICTING -> collectable.add(IndexKey.updated(session));
            case NONE, EVICTED -> {}
        }
        lastSessionVersion = Math.max(lastSessionVersion, session.version());
    }

    private void put(QueueTask task) {
        QueueTask before = tasks.put(task.id(), task);
        if (before == null) {
            remember(task.idempotency(), "task", scope(task.owner()), task.id());
            String waiting = pendingBeforeTask.remove(task.id());
            if (waiting != null) {
                pendingRunsOfTasks.add(IndexKey.waiting(entry(waiting).run(), task));
            }
        } else {
            unindex(before);
        }
        index(task);
        lastTaskVersion = Math.max(lastTaskVersion, task.version());
    }

    private void index(QueueTask task) {
        tasksInOrder.add(IndexKey.queued(task));
        tasksByVersion.put(task.version(), task);
        if (task.state() == TaskState.PENDING) {
            pendingTasks.add(IndexKey.queued(task));
        }
        openTasks.add(task);
        deadlines.add(task);
        if (task.replaceKey() != null) {
            keys.put(new KeyInScope("replace", scope(task.owner()), task.replaceKey()), task.id());
        }
    }

    void unindex(QueueTask task) {
        tasksInOrder.remove(IndexKey.queued(task));
        tasksByVersion.remove(task.version());
        pendingTasks.remove(IndexKey.queued(task));
        openTasks.remove(task);
        deadlines.remove(task);
        if (task.replaceKey() != null) {
            keys.remove(new KeyInScope("replace", scope(task.owner()), task.replaceKey()));
        }
    }

    QueueTask task(String taskId) {
        return Objects.requireNonNull(tasks.get(taskId), "an index or a write names an unknown task");
    }

    Session session(String sessionId) {
        return Objects.requireNonNull(sessions.get(sessionId), "an index or a write names an unknown session");
    }

    Map<Reader, ReadMark> marks(MarkKind kind) {
        return switch (kind) {
            case SESSION -> sessionMarks;
            case TASK -> taskMarks;
        };
    }

    @Nullable
    String keyed(String kind, String scope, String key) {
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

    void forget(@Nullable Idempotency idempotency, String kind, String scope) {
        if (idempotency != null) {
            keys.remove(new KeyInScope(kind, scope, idempotency.key()));
        }
    }

    /** Returns how many records there are: as many as {@link #writes} has. */
    long size() {
        return eventsAndJobs
                + runs.size()
                + commands.size()
                + sessions.size()
                + tasks.size()
                + questions.size()
                + runners.size()
                + backends.size()
                + sessionMarks.size()
                + taskMarks.size()
                + collectors.size()
                + limits.size()
                + schedules.all().size()
                + openTasks.versionsAhead(this).size();
    }

    /** Returns the whole state as writes that build it up again, in an order that {@link #apply} accepts. */
    Stream<Write> writes() {
        return Stream.of(
                        backends.values().stream().map(Write.OfBackend::new),
                        sessions.values().stream().map(Write.OfSession::new),
                        tasks.values().stream().map(Write.OfTask::new),
                        runs.values().stream().flatMap(MemoryState::writesOf),
                        questions.byVersion.values().stream().map(Write.OfQuestion::new),
                        runners.values().stream().map(Write.OfRunner::new),
                        sessionMarks.values().stream().map(Write.OfSessionMark::new),
                        taskMarks.values().stream().map(Write.OfTaskMark::new),
                        collectors.values().stream().map(Write.OfCollector::of),
                        limits.writes(),
                        schedules.all().stream().map(Write.OfSchedule::new),
                        openTasks.versionsAhead(this).stream())
                .flatMap(Function.identity());
    }

    private static Stream<Write> writesOf(RunEntry entry) {
        return Stream.of(
                        Stream.of(new Write.OfRun(entry.run(), entry.guard())),
                        entry.commands.stream().map(Write.OfCommand::new),
                        entry.events.stream().map(Write.OfEvent::new),
                        entry.jobs.stream().map(Write.OfJob::new))
                .flatMap(Function.identity());
    }
}
