package io.agentrun.postgres;

import io.agentrun.backend.Signal;
import io.agentrun.backend.Written;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.postgres.internal.db.LostRace;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.EventTable;
import io.agentrun.postgres.internal.table.LimitTable;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.postgres.internal.table.RunColumns.ChangedRow;
import io.agentrun.postgres.internal.table.RunColumns.NewRow;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunSets;
import io.agentrun.postgres.internal.table.RunSets.Counted;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionSets;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskSets;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.postgres.internal.table.Versioned;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.Change;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * Writes one change: what is created is inserted, what is replaced is updated. Versions come from their sequences; the numbers
 * of events and commands go on from the runs that the transaction has locked. As a rule it is one round trip, commit included.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ChangeWriter {

    private final Tx tx;
    private final LockedRows locked;
    private final Instant now;
    private final IdSource ids;
    private final Change change;

    private final List<Returned> returned = new ArrayList<>(4);
    private Script script = new Script();
    private boolean hasTask;

    /** What a statement returns, and how many rows that must be. */
    private record Returned(Script.Rows<?> rows, int expected) {}

    ChangeWriter(Tx tx, LockedRows locked, Instant now, IdSource ids, Change change) {
        this.tx = tx;
        this.locked = locked;
        this.now = now;
        this.ids = ids;
        this.change = change;
    }

    /**
     * Writes the change, the last thing that the step does. If another transaction has created a record that the change
     * creates, the write fails, and the step is tried again.
     */
    Written write() {
        Function<String, Long> sessionVersions = writeSessions();
        List<RunEvent> events = writeRuns();
        writeCommands();
        Function<String, Long> taskVersions = writeTasks();
        boolean freed = writeSlots();
        Function<String, Long> questionVersions = writeQuestions();
        if (!events.isEmpty()) {
            EventTable.insert(script, events);
        }
        tx.executeLast(script);
        checkWritten();
        Set<Signal> signals = new LinkedHashSet<>(4);
        Signal.addAll(change, signals);
        if (freed) {
            signals.add(Signal.tasks());
        }
        signals.forEach(signal -> tx.signal(signal.name()));
        return new Written(sessions(sessionVersions), tasks(taskVersions), events, questions(questionVersions));
    }

    /** Begins a statement for one task, whose parameters a script can hold once: the second one goes with the next script. */
    private void beginTask() {
        if (hasTask) {
            tx.execute(script);
            checkWritten();
            returned.clear();
            script = new Script();
        }
        hasTask = true;
    }

    private void checkWritten() {
        if (returned.stream().anyMatch(each -> each.rows().all().size() != each.expected())) {
            throw new IllegalStateException("a record that was read under a lock is gone");
        }
    }

    private <T> Script.Rows<T> put(String sql, RowMapper<T> mapper) {
        return putAll(sql, mapper, 1);
    }

    /** Adds a statement that returns so many rows. */
    private <T> Script.Rows<T> putAll(String sql, RowMapper<T> mapper, int expected) {
        Script.Rows<T> rows = script.query(sql, mapper);
        returned.add(new Returned(rows, expected));
        return rows;
    }

    /** Returns what tells the version that a session has got, once the script has run. */
    private Function<String, Long> writeSessions() {
        List<Session> created = new ArrayList<>(1);
        List<Session> replaced = new ArrayList<>(change.replaced().sessions());
        for (Session session : change.created().sessions()) {
            (locked.isInserted(session.id()) ? replaced : created).add(session);
        }
        Versions versions = new Versions();
        if (created.size() + replaced.size() == 1) {
            Session only = created.isEmpty() ? replaced.get(0) : created.get(0);
            versions.add(only.id(), put(writeSession(only, created.isEmpty()), SessionTable::version));
            return versions;
        }
        if (!created.isEmpty()) {
            SessionSets.bindNew(script, created);
            versions.add(putAll(SessionSets.INSERT, Versioned::row, created.size()));
        }
        if (!replaced.isEmpty()) {
            versions.add(putAll(replaceSessions(replaced), Versioned::row, replaced.size()));
        }
        return versions;
    }

    /** Binds the session; returns the statement that writes it. */
    private String writeSession(Session session, boolean stored) {
        if (!stored) {
            SessionTable.bindNew(script, session);
            return SessionTable.INSERT;
        }
        if (locked.differsInActivity(session)) {
            SessionTable.bindActivity(script, session);
            return SessionTable.UPDATE_ACTIVITY;
        }
        SessionTable.bindChanged(script, session);
        return SessionTable.UPDATE;
    }

    /** Binds the sessions; returns the statement that writes them. */
    private String replaceSessions(List<Session> sessions) {
        if (sessions.stream().allMatch(locked::differsInActivity)) {
            SessionSets.bindActivity(script, sessions);
            return SessionSets.UPDATE_ACTIVITY;
        }
        SessionSets.bindChanged(script, sessions);
        return SessionSets.UPDATE;
    }

    /** Writes the runs of the change, and the numbers of those that only get events or commands. */
    private List<RunEvent> writeRuns() {
        List<RunEvent> events = new ArrayList<>(change.events().size());
        List<Run> created = change.created().runs();
        List<RunHead> replaced = change.replaced().runs();
        boolean several = created.size() + replaced.size() > 1;
        if (several) {
            writeRunSets(created, replaced, events);
        } else if (!created.isEmpty()) {
            RunTable.bindNew(script, newRow(created.get(0), events));
            putRun(RunTable.INSERT);
        } else if (!replaced.isEmpty()) {
            RunTable.bindChanged(script, changedRow(replaced.get(0), events));
            putRun(RunTable.UPDATE);
        }
        Set<String> counted = new LinkedHashSet<>(2);
        change.created().commands().forEach(command -> counted.add(command.runId()));
        change.events().forEach(event -> counted.add(event.runId()));
        created.forEach(run -> counted.remove(run.id()));
        replaced.forEach(run -> counted.remove(run.id()));
        count(counted, events);
        return events;
    }

    private void count(Set<String> runIds, List<RunEvent> events) {
        List<Counted> rows = new ArrayList<>(runIds.size());
        for (String runId : runIds) {
            Numbers last = numbers(runId, locked.run(runId), events);
            rows.add(new Counted(runId, last.events(), last.commands()));
        }
        boolean alone = rows.size() == 1
                && change.created().runs().isEmpty()
                && change.replaced().runs().isEmpty();
        if (alone) {
            Counted only = rows.get(0);
            RunTable.bindCounters(script, only.runId(), only.eventSeq(), only.commandSeq());
            putRun(RunTable.COUNT);
        } else if (!rows.isEmpty()) {
            RunSets.bindCounted(script, rows);
            putAll(RunSets.COUNT, (row, context) -> row.getString("run_id"), rows.size());
        }
    }

    private void writeRunSets(List<Run> created, List<RunHead> replaced, List<RunEvent> events) {
        if (!created.isEmpty()) {
            List<NewRow> rows = created.stream().map(run -> newRow(run, events)).toList();
            RunSets.bindNew(script, rows);
            putAll(RunSets.INSERT, (row, context) -> row.getString("run_id"), rows.size());
        }
        if (!replaced.isEmpty()) {
            List<ChangedRow> rows =
                    replaced.stream().map(run -> changedRow(run, events)).toList();
            RunSets.bindChanged(script, rows);
            putAll(RunSets.UPDATE, (row, context) -> row.getString("run_id"), rows.size());
        }
    }

    private NewRow newRow(Run run, List<RunEvent> events) {
        Numbers last = numbers(run.id(), null, events);
        return new NewRow(run, change.created().guard(run.id()), last.events(), last.commands(), place(run));
    }

    private ChangedRow changedRow(RunHead run, List<RunEvent> events) {
        Numbers last = numbers(run.id(), locked.run(run.id()), events);
        return new ChangedRow(run, last.events(), last.commands());
    }

    /** Returns where the task of a new run stands: it is dispatched by the same change. */
    private @Nullable TaskPlace place(Run run) {
        String taskId = run.taskId();
        return taskId == null ? null : change.task(taskId).map(QueueTask::place).orElse(null);
    }

    private void putRun(String sql) {
        put(sql, (row, context) -> row.getString("run_id"));
    }

    /** The numbers of a run's last event and its last command. Immutable. */
    private record Numbers(long events, long commands) {}

    /** Numbers the run's new events; returns its last numbers. */
    private Numbers numbers(String runId, @Nullable RunRow stored, List<RunEvent> events) {
        long eventSeq = stored == null ? 0 : stored.eventSeq();
        for (Emission emission : change.events()) {
            if (emission.runId().equals(runId)) {
                eventSeq++;
                events.add(emission.stored(ids.next(IdSource.EVENT), eventSeq, now));
            }
        }
        long commandSeq = stored == null ? 0 : stored.commandSeq();
        for (var command : change.created().commands()) {
            if (command.runId().equals(runId)) {
                commandSeq = Math.max(commandSeq, command.seq());
            }
        }
        return new Numbers(eventSeq, commandSeq);
    }

    /** Returns whether slots are given back: a run that had none when it was locked has none now. */
    private boolean writeSlots() {
        List<LimitSlot> taken = change.slots().taken();
        if (!taken.isEmpty()) {
            LimitTable.bindTaken(script, taken);
            putAll(LimitTable.TAKE, (row, context) -> row.getInt("number"), taken.size());
        }
        Object[] freed = change.slots().freedRuns().stream()
                .filter(runId -> {
                    RunRow row = locked.run(runId);
                    return row == null || row.slotted();
                })
                .toArray();
        if (freed.length > 0) {
            script.bindArray("freed_runs", "text", freed).run(LimitTable.FREE);
        }
        return freed.length > 0;
    }

    private void writeCommands() {
        if (!change.created().commands().isEmpty()) {
            CommandTable.insert(script, change.created().commands());
        }
        if (!change.replaced().commands().isEmpty()) {
            CommandTable.update(script, change.replaced().commands());
        }
    }

    /** Returns what tells the version that a task has got, once the script has run. */
    private Function<String, Long> writeTasks() {
        Versions versions = new Versions();
        List<QueueTask> created = change.created().tasks();
        List<QueueTask> replaced = change.replaced().tasks();
        if (created.size() > 1) {
            TaskSets.bindNew(
                    script, created, created.stream().map(QueueTask::createdAt).toList());
            versions.add(script.query(TaskSets.INSERT, Versioned::row));
        } else {
            for (QueueTask task : created) {
                beginTask();
                TaskTable.bindNew(script, task, task.createdAt());
                versions.add(task.id(), script.query(TaskTable.INSERT, TaskTable::version));
            }
        }
        for (QueueTask task : change.replaced().renewed()) {
            beginTask();
            TaskTable.bindRenewed(script, task);
            versions.add(task.id(), put(TaskTable.RENEW, TaskTable::version));
        }
        if (replaced.size() > 1) {
            TaskSets.bindChanged(script, replaced);
            versions.add(putAll(TaskSets.UPDATE, Versioned::row, replaced.size()));
        } else {
            for (QueueTask task : replaced) {
                beginTask();
                TaskTable.bindChanged(script, task);
                versions.add(task.id(), put(TaskTable.UPDATE, TaskTable::version));
            }
        }
        return versions;
    }

    /** The versions that records have got, by their ids; an insert returned none for a task whose key is taken. */
    private static final class Versions implements Function<String, Long> {
        private final List<Supplier<Stream<Versioned>>> rows = new ArrayList<>(2);
        private @Nullable Map<String, Long> versions;

        void add(Script.Rows<Versioned> written) {
            rows.add(() -> written.all().stream());
        }

        void add(String id, Script.Rows<Long> written) {
            rows.add(() -> written.all().stream().map(version -> new Versioned(id, version)));
        }

        @Override
        public Long apply(String id) {
            Map<String, Long> read = versions;
            if (read == null) {
                read = rows.stream()
                        .flatMap(Supplier::get)
                        .collect(Collectors.toMap(Versioned::id, Versioned::version));
                versions = read;
            }
            Long version = read.get(id);
            if (version == null) {
                throw new LostRace();
            }
            return version;
        }
    }

    /** Returns what tells the version that a question has got, once the script has run. */
    private Function<String, Long> writeQuestions() {
        List<Question> created = change.questions().created();
        List<Question> replaced = change.questions().replaced();
        Versions versions = new Versions();
        if (!created.isEmpty()) {
            QuestionTable.bindNew(script, created);
            versions.add(putAll(QuestionTable.INSERT, Versioned::row, created.size()));
        }
        if (!replaced.isEmpty()) {
            QuestionTable.bindChanged(script, replaced);
            versions.add(putAll(QuestionTable.UPDATE, Versioned::row, replaced.size()));
        }
        return versions;
    }

    private List<Question> questions(Function<String, Long> versions) {
        return change.questions()
                .all()
                .map(question -> question.withVersion(versions.apply(question.id())))
                .toList();
    }

    private List<Session> sessions(Function<String, Long> versions) {
        return change.sessions()
                .map(session -> session.toBuilder()
                        .version(versions.apply(session.id()))
                        .build())
                .toList();
    }

    private List<QueueTask> tasks(Function<String, Long> versions) {
        return change.tasks()
                .map(task -> task.toBuilder().version(versions.apply(task.id())).build())
                .toList();
    }
}
