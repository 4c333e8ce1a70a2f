package io.agentrun.backend;

import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a backend reads without a lock. Each answer is of one moment.
 *
 * <p>Lists are in their own order, and {@code after} holds the sort keys of the last item that was shown, as
 * {@code io.agentrun.backend.Cursors} writes them; it is empty for the first page. At most {@code limit} items come back.
 * Text is ordered by code point.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface StoreReads {

    /** Returns the run with the id. */
    Optional<Run> findRun(String runId);

    /** Returns what the rules see of the run with the id. */
    Optional<RunHead> findHead(String runId);

    /** Returns what the rules see of those of the runs that there are, in no particular order. */
    default List<RunHead> findHeads(Collection<String> runIds) {
        return runIds.stream().flatMap(id -> findHead(id).stream()).toList();
    }

    /** Returns the run of the owner that was created under the key. */
    Optional<Run> findRun(Owner owner, String idempotencyKey);

    /** Returns the command with the id. */
    Optional<Command> findCommand(String commandId);

    /** Returns the command of the run that was created under the key. */
    Optional<Command> findCommand(String runId, String idempotencyKey);

    /** Returns the session with the id. */
    Optional<Session> findSession(String sessionId);

    /** Returns the task with the id. */
    Optional<QueueTask> findTask(String taskId);

    /** Returns the task of the owner that was created under the key. */
    Optional<QueueTask> findTask(Owner owner, String idempotencyKey);

    /** Returns the tasks of the owner that were created under the keys, in no particular order. */
    default List<QueueTask> findTasks(Owner owner, Collection<String> idempotencyKeys) {
        return idempotencyKeys.stream()
                .flatMap(key -> findTask(owner, key).stream())
                .toList();
    }

    /** Returns the question with the id. */
    Optional<Question> findQuestion(String questionId);

    /** Returns the question of the run that was asked under the key. */
    Optional<Question> findQuestion(String runId, String idempotencyKey);

    /** Returns questions in the order of the query, then by id; keys: the time of creation or of expiry, id. */
    List<Question> questions(QuestionQuery query, List<String> after, int limit);

    /** Returns questions as they changed since the position; null is before everything. */
    FeedSlice<Question> questionChanges(TenantScope scope, @Nullable String position, int limit);

    /** Returns the runner with the id. */
    Optional<Runner> findRunner(String runnerId);

    /** Returns the job of the run that was saved under the key. */
    Optional<RunnerJob> findJob(String runId, String idempotencyKey);

    /** Returns how far the reader has read. */
    Optional<ReadMark> findMark(Entry.MarkKind kind, String subjectId, String readerId);

    /** Returns runs, the latest created first, then by id downwards; keys: time of creation, id. */
    List<Run> runs(RunQuery query, List<String> after, int limit);

    /**
     * Returns the runs of the task, the earliest created first, then by id; empty where there is no such task. Keys: time of creation,
     * id.
     */
    Optional<List<Run>> runsOfTask(String taskId, List<String> after, int limit);

    /** Returns leased runs whose lease has run out, but those with the ids, the longest over first, then by id. */
    List<Run> expiredRuns(TenantScope scope, Set<String> without, int limit);

    /** Returns pending runs whose {@code claimLimit} is over, but those with the ids, the longest first, then by id. */
    List<Run> overdueRuns(TenantScope scope, Set<String> without, int limit);

    /** Returns runs and tasks that are to be judged by their deadlines now, those whose time has been over for the longest first of each. */
    List<Overdue> overdue(int limit);

    /** Returns the run's commands after the number, by number; empty where there is no such run. */
    Optional<List<Command>> commands(String runId, long afterSeq, int limit);

    /** Returns the run, and its pending commands that may be delivered, by number; empty where there is no such run. */
    Optional<Deliverable> deliverable(String runId, int limit);

    /** Returns what {@link #deliverable} returns for each of the runs that there are, by run id. */
    default Map<String, Deliverable> deliverables(Collection<String> runIds, int limit) {
        Map<String, Deliverable> found = new HashMap<>();
        runIds.forEach(id -> deliverable(id, limit).ifPresent(each -> found.put(id, each)));
        return found;
    }

    /** Returns what {@link #events} returns for each of the runs that there are, after the number beside it, by run id. */
    default Map<String, EventSlice> eventsOfAll(Map<String, Long> after, int limit) {
        Map<String, EventSlice> found = new HashMap<>();
        after.forEach((id, seq) -> events(id, seq, limit, Visibility.ALL).ifPresent(slice -> found.put(id, slice)));
        return found;
    }

    /** Returns the run's events after the number; empty where there is no such run. */
    Optional<EventSlice> events(String runId, long afterSeq, int limit, Visibility visibility);

    /** Returns sessions, the latest changed first, then by id; keys: time of the change, id. */
    List<SessionSummary> sessions(SessionQuery query, List<String> after, int limit);

    /** Returns tasks by priority downwards, then by time of creation, then by id; keys: priority, time, id. */
    List<QueueTask> tasks(QueueQuery query, List<String> after, int limit);

    /** Returns sessions as they changed since the position; null is before everything. */
    FeedSlice<Session> sessionChanges(TenantScope scope, @Nullable String position, int limit);

    /** Returns tasks as they changed since the position; null is before everything. */
    FeedSlice<QueueTask> taskChanges(TenantScope scope, @Nullable String position, int limit);

    /** Returns how many tasks of the scope are in which state and lane, what is due, and since when the oldest waits. */
    QueueStats stats(QueueScope scope);

    /**
     * Returns what a take may have: pending runs of tasks that the filter accepts and that do not only wait, by the task's priority
     * downwards, then by time of creation, then by id; and due tasks as {@code StoreTx.dueTasks} finds them. Nothing is locked.
     *
     * @param passed ids of runs and tasks that were passed over
     * @param limit the most runs, and the most tasks
     */
    TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit);

    /** Returns the schedule of the key. */
    Optional<Schedule> findSchedule(ScheduleKey key);

    /** Returns schedules, by tenant, project and name; keys: these three. */
    List<Schedule> schedules(TenantScope scope, List<String> after, int limit);

    /** Returns active schedules whose last occurrence is not in the future, the longest passed first, with the time by which that is so. */
    DueSchedules dueSchedules(TenantScope scope, int limit);

    /** Returns the jobs of the run, or of one of its commands, in the order in which they were saved. */
    List<RunnerJob> jobs(String runId, @Nullable String commandId);

    /** Returns all backends, by profile. */
    List<Backend> backends();

    /** Returns all limits, by key and kind as {@link LimitSets#ORDER} says; {@code after} has the last one's {@link LimitSets#keys}. */
    List<Limit> limits(List<String> after, int limit);

    /** Returns the limits that have one of the keys, in no particular order. */
    default List<Limit> limits(Collection<LimitKey> keys) {
        return LimitSets.all(this).stream()
                .filter(limit -> keys.contains(limit.key()))
                .toList();
    }

    /** Returns the slots of the values that there are, in no particular order. */
    List<LimitSlot> slots(Collection<LimitKey> values);

    // Read sets: one answer out of several reads. A backend overrides those that it can read in one round trip.

    /** Returns the session with the reader's mark; without a reader the mark is 0. */
    default Optional<SessionSummary> summary(String sessionId, @Nullable String readerId) {
        return findSession(sessionId).map(session -> {
            long read = readerId == null
                    ? 0
                    : findMark(Entry.MarkKind.SESSION, sessionId, readerId)
                            .map(ReadMark::version)
                            .orElse(0L);
            return SessionSummary.of(session, readerId, read);
        });
    }

    /**
     * Returns what a trace of the session shows: of the given run, or of the one that the session shows by itself; empty where
     * there is no such session.
     */
    default Optional<TraceSlice> trace(
            String sessionId, @Nullable String runId, long afterSeq, int limit, Visibility visibility) {
        return findSession(sessionId).map(session -> {
            String traced = runId == null ? SessionRules.tracedRun(session) : runId;
            if (traced == null) {
                return new TraceSlice(null, false, null);
            }
            Run run = findRun(traced).orElse(null);
            return run == null || !SessionRules.traces(session, RunHead.of(run))
                    ? new TraceSlice(traced, false, null)
                    : new TraceSlice(
                            traced,
                            true,
                            events(traced, afterSeq, limit, visibility).orElse(null));
        });
    }

    /** Returns the statistics with the first tasks of the scope, in the order of {@link #tasks}. */
    default QueueSnapshot snapshot(QueueScope scope, int items) {
        return new QueueSnapshot(
                stats(scope), tasks(QueueQuery.in(scope.scope()).withQueue(scope.queue()), List.of(), items));
    }

    /** Returns the jobs that the query asks for, and whether its run and its command are known. */
    default JobSlice jobs(JobQuery query) {
        String commandId = query.commandId();
        boolean known = findRun(query.runId()).isPresent();
        CommandHead command = commandId == null
                ? null
                : findCommand(commandId).map(CommandHead::of).orElse(null);
        return new JobSlice(known, command, known ? jobs(query.runId(), commandId) : List.of());
    }

    /**
     * A run or a task whose deadline is over. Immutable.
     *
     * @param runId the run, null for a task
     * @param taskId the task, null for a run
     */
    record Overdue(@Nullable String runId, @Nullable String taskId) {

        /** Returns a run. */
        public static Overdue run(String runId) {
            return new Overdue(runId, null);
        }

        /** Returns a task. */
        public static Overdue task(String taskId) {
            return new Overdue(null, taskId);
        }
    }

    /** Which events a reader sees. */
    enum Visibility {
        /** All of them. */
        ALL,
        /** The user-visible kinds; what is left out does not count towards the limit. */
        OUTPUT
    }

    /** What a take may have, found without a lock. Immutable. */
    record TakeCandidates(List<String> runIds, List<StoreTx.DueTask> tasks) {

        /** Returns whether there is nothing. */
        public boolean isEmpty() {
            return runIds.isEmpty() && tasks.isEmpty();
        }
    }

    /** A run with its deliverable commands. Immutable. */
    record Deliverable(RunHead run, List<Command> commands) {}

    /**
     * Events of a run. Immutable.
     *
     * @param terminal whether the run has ended
     * @param lastSeq the number of the run's last event, 0 for none
     * @param cut whether it ends before it has as many events as were asked for, because it would have too many bytes
     */
    record EventSlice(List<RunEvent> items, boolean terminal, long lastSeq, boolean cut) {

        /** Makes a slice that has as many events as were asked for, or all that there are. */
        public EventSlice(List<RunEvent> items, boolean terminal, long lastSeq) {
            this(items, terminal, lastSeq, false);
        }

        /** Returns the slice without the events with which it has more bytes; the first one stays in any case. */
        public EventSlice within(long most) {
            int fitting = PageBytes.EVENTS.fitting(items, most);
            return fitting == items.size() ? this : new EventSlice(items.subList(0, fitting), terminal, lastSeq, true);
        }
    }

    /**
     * What a trace shows. Immutable.
     *
     * @param runId the run that was asked for; null for a session without a run
     * @param belongs whether there is such a run, and it is one of the session's
     * @param events its events, where it belongs
     */
    record TraceSlice(
            @Nullable String runId,
            boolean belongs,
            @Nullable EventSlice events) {}

    /**
     * What changed. Immutable.
     *
     * @param position where the next look goes on
     * @param more whether there is more already
     * @param restarted whether the position that was given means nothing any more, so that this begins at an earlier one
     */
    record FeedSlice<T>(List<T> items, String position, boolean more, boolean restarted) {}

    /** Jobs, and what they hang on. Immutable. */
    record JobSlice(boolean runKnown, @Nullable CommandHead command, List<RunnerJob> jobs) {}
}
