package io.agentrun.postgres;

import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads.TakeCandidates;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.backend.TakeSets;
import io.agentrun.backend.TakeSets.FreeTask;
import io.agentrun.backend.TakeSets.TakeSet;
import io.agentrun.backend.TakeSets.WaitingRun;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.TakeQueries;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.CommandQueries;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunHead;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Locks the candidates of a take in one round trip: missing sessions are inserted first, in one statement, with nothing else locked
 * (an insert waits for another one of the same id); all that follows passes over what is held.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockingTakes {

    private final Tx tx;
    private final StepClock clock;
    private final LockedRows locked;
    private final LockingLimits limits;

    LockingTakes(Tx tx, StepClock clock, LockedRows locked, LockingLimits limits) {
        this.tx = tx;
        this.clock = clock;
        this.locked = locked;
        this.limits = limits;
    }

    /** A session that a rule is to create. Immutable. */
    private record Inserted(String sessionId, Instant createdAt) {}

    TakeSet take(TakeCandidates candidates, int most) {
        List<String> runIds = candidates.runIds();
        int mostTasks = Math.max(0, most - runIds.size());
        List<DueTask> tasks = mostTasks == 0 ? List.of() : tried(candidates.tasks(), mostTasks);
        Script script = new Script().bind("page_bytes", PageSql.MOST);
        Script.Rows<Inserted> inserted = insertSessions(script, tasks);
        Script.Rows<Session> sessions = lockSessions(script, tasks);
        Script.Rows<RunRow> runs = null;
        Script.Rows<Command> open = null;
        Script.Rows<QueueTask> tasksOfRuns = null;
        if (!runIds.isEmpty()) {
            script.bindArray("run_ids", "text", runIds.toArray()).bind("most", most);
            runs = script.pageFree(tx, Rank.RUN, TakeQueries.LOCK_RUNS, RunColumns.OBJECTS, RunColumns::row);
            open = script.page(TakeQueries.OPEN_OF_RUNS, CommandQueries.OBJECTS, CommandTable::command);
            tasksOfRuns = script.page(TakeQueries.TASKS_OF_RUNS, TaskQueries.OBJECTS, TaskTable::task);
        }
        Script.Rows<QueueTask> due = null;
        if (!tasks.isEmpty()) {
            Object[] ids = tasks.stream().map(DueTask::taskId).toArray();
            script.bindArray("task_ids", "text", ids).bind("most_tasks", mostTasks);
            due = script.pageFree(tx, Rank.TASK, TakeQueries.LOCK_TASKS, TaskQueries.OBJECTS, TaskTable::task);
            // The time of an inserted session is that of the step, and before the look at the slots.
            if (inserted == null && tasks.stream().anyMatch(DueTask::limited)) {
                limits.lockAhead(script);
            }
        }
        clock.execute(script);
        List<WaitingRun> waiting = runs == null || open == null || tasksOfRuns == null
                ? List.of()
                : open.cut() || tasksOfRuns.cut()
                        ? oneByOne(runs.all())
                        : waiting(runs.all(), open.all(), tasksOfRuns.all());
        List<Inserted> created = inserted == null ? List.of() : inserted.all();
        Map<String, Session> known = (sessions == null ? List.<Session>of() : sessions.all())
                .stream().collect(Collectors.toMap(Session::id, session -> session));
        // What does not fit is left out here, so that no session stays that was inserted for it.
        TakeSet fitting = new TakeSet(
                        waiting,
                        (due == null ? List.<QueueTask>of() : due.all())
                                .stream().map(task -> new FreeTask(task, null)).toList(),
                        false)
                .within(PageBytes.MOST);
        List<QueueTask> taken = fitting.tasks().stream().map(FreeTask::task).toList();
        return new TakeSet(fitting.runs(), free(taken, created, known), isBusy(tasks, known));
    }

    /** Reads what belongs to each of the runs by itself, until that is as much as a take gives: together it was too much. */
    private List<WaitingRun> oneByOne(List<RunRow> runs) {
        List<WaitingRun> waiting = new ArrayList<>();
        for (RunRow row : runs) {
            Script script = new Script()
                    .bindArray("run_ids", "text", new Object[] {row.run().id()});
            Script.Rows<Command> open = script.query(TakeQueries.OPEN_OF_RUNS, CommandTable::command);
            Script.Rows<QueueTask> task = script.query(TakeQueries.TASKS_OF_RUNS, TaskTable::task);
            tx.execute(script);
            waiting.addAll(waiting(List.of(row), open.all(), task.all()));
            if (PageBytes.TAKES.tooMany(List.copyOf(waiting))) {
                break;
            }
        }
        return waiting;
    }

    /** Of the tasks whose session is to be inserted, no more than may be taken. */
    private static List<DueTask> tried(List<DueTask> candidates, int most) {
        List<DueTask> tried = new ArrayList<>();
        int fresh = 0;
        for (DueTask task : candidates) {
            boolean isFresh = task.sessionId() != null && !task.sessionKnown();
            fresh += isFresh ? 1 : 0;
            if (!isFresh || fresh <= most) {
                tried.add(task);
            }
        }
        return tried;
    }

    private Script.@Nullable Rows<Inserted> insertSessions(Script script, List<DueTask> tasks) {
        Object[] ids = tasks.stream()
                .filter(task -> task.sessionId() != null && !task.sessionKnown())
                .map(DueTask::taskId)
                .toArray();
        if (ids.length == 0) {
            return null;
        }
        script.bindArray("new_session_tasks", "text", ids);
        return script.lock(
                tx,
                Rank.SESSION,
                null,
                TakeQueries.INSERT_SESSIONS,
                (row, context) -> new Inserted(Columns.text(row, "session_id"), Columns.instant(row, "created_at")));
    }

    /** Binds the ids of the sessions, which the lock of the tasks asks for too, and locks the sessions, if there are any. */
    private Script.@Nullable Rows<Session> lockSessions(Script script, List<DueTask> tasks) {
        Object[] ids = tasks.stream()
                .map(DueTask::sessionId)
                .filter(Objects::nonNull)
                .sorted()
                .toArray();
        if (!tasks.isEmpty()) {
            script.bindArray("session_ids", "text", ids);
        }
        return ids.length == 0
                ? null
                : script.lockFree(tx, Rank.SESSION, null, TakeQueries.LOCK_SESSIONS, locked::session);
    }

    private List<WaitingRun> waiting(List<RunRow> runs, List<Command> open, List<QueueTask> tasks) {
        List<WaitingRun> waiting = new ArrayList<>(runs.size());
        for (RunRow row : runs) {
            List<Command> commands = open.stream()
                    .filter(command -> command.runId().equals(row.run().id()))
                    .toList();
            List<CommandHead> heads = commands.stream().map(CommandHead::of).toList();
            QueueTask task = tasks.stream()
                    .filter(each -> each.id().equals(row.run().taskId()))
                    .findFirst()
                    .orElse(null);
            if (task != null && LeaseRules.claimable(RunHead.of(row.run()), heads)) {
                locked.add(row);
                waiting.add(new WaitingRun(row.run(), heads, deliverable(commands), task));
            }
        }
        return waiting;
    }

    private static List<Command> deliverable(List<Command> open) {
        return TakeSets.turns(open.stream()
                .filter(command -> command.state() == CommandState.PENDING
                        && command.order().deliverable())
                .toList());
    }

    private List<FreeTask> free(List<QueueTask> due, List<Inserted> created, Map<String, Session> known) {
        Set<String> fresh = created.stream().map(Inserted::sessionId).collect(Collectors.toCollection(HashSet::new));
        created.stream().findFirst().ifPresent(first -> clock.set(first.createdAt()));
        List<FreeTask> free = new ArrayList<>(due.size());
        for (QueueTask task : due) {
            SessionRef ref = task.content().session();
            if (ref == null) {
                free.add(new FreeTask(task, null));
            } else if (fresh.remove(ref.sessionId())) {
                locked.addInsertedSession(ref.sessionId());
                free.add(new FreeTask(task, null));
            } else if (known.containsKey(ref.sessionId())) {
                // A session that came free between the two statements was locked by the second one, but not read.
                free.add(new FreeTask(task, known.get(ref.sessionId())));
            }
        }
        if (!fresh.isEmpty()) {
            tx.execute(new Script()
                    .bindArray("session_ids", "text", fresh.toArray())
                    .run(TakeQueries.REMOVE_SESSIONS));
        }
        return free;
    }

    private static boolean isBusy(List<DueTask> tasks, Map<String, Session> known) {
        return tasks.stream()
                .anyMatch(task ->
                        task.sessionId() != null && task.sessionKnown() && !known.containsKey(task.sessionId()));
    }
}
