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
import io.agentrun.postgres.internal.table.NewTaskSets;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.postgres.internal.table.RunColumns.ChangedRow;
import io.agentrun.postgres.internal.table.RunColumns.NewRow;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunSets;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskSets;
import io.agentrun.postgres.internal.table.TaskSets.Versioned;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.Change;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunHead;
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
    private final Set<Kind> used = new LinkedHashSet<>(4);
    private Script script = new Script();

    /** What a statement returns, and how many rows that must be. */
    private record Returned(Script.Rows<?> rows, int expected) {}

    /** What has parameters that a script can hold once. */
    private enum Kind {
        SESSION,
        RUN,
        TASK
    }

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
        List<Script.Rows<Long>> sessionVersions = writeSessions();
        List<RunEvent> events = writeRuns();
        writeCommands();
        Function<QueueTask, Long> taskVersions = writeTasks();
        Function<Question, Long> questionVersions = writeQuestions();
        if (!events.isEmpty()) {
            EventTable.bindNew(script, events);
            script.run(EventTable.INSERT);
        }
        tx.executeLast(script);
        checkWritten();
        Set<Signal> signals = new LinkedHashSet<>(4);
        Signal.addAll(change, signals);
        signals.forEach(signal -> tx.signal(signal.name()));
        return new Written(sessions(sessionVersions), tasks(taskVersions), events, questions(questionVersions));
    }

    /** Begins a statement for one record: the second one of a kind goes with the next script. */
    private void begin(Kind kind) {
        if (!used.add(kind)) {
            tx.execute(script);
            checkWritten();
            returned.clear();
            used.clear();
            script = new Script();
            used.add(kind);
        }
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

    private List<Script.Rows<Long>> writeSessions() {
        List<Script.Rows<Long>> versions = new ArrayList<>(1);
        for (Session session : change.created().sessions()) {
            versions.add(write(session, locked.isInserted(session.id()) ? SessionTable.UPDATE : SessionTable.INSERT));
        }
        for (Session session : change.replaced().sessions()) {
            versions.add(write(session, SessionTable.UPDATE));
        }
        return versions;
    }

    private Script.Rows<Long> write(Session session, String sql) {
        begin(Kind.SESSION);
        SessionTable.bind(script, session);
        return put(sql, SessionTable::version);
    }

    /** Writes the runs of the change, and the numbers of those that only get events or commands. */
    private List<RunEvent> writeRuns() {
        List<RunEvent> events = new ArrayList<>(change.events().size());
        Set<String> written = new LinkedHashSet<>(2);
        List<Run> created = change.created().runs();
        List<RunHead> replaced = change.replaced().runs();
        if (created.size() + replaced.size() > 1) {
            writeRunSets(created, replaced, events);
        } else {
            for (Run run : created) {
                begin(Kind.RUN);
                RunTable.bindNew(script, newRow(run, events));
                putRun(RunTable.INSERT);
            }
            for (RunHead run : replaced) {
                begin(Kind.RUN);
                RunTable.bindChanged(script, changedRow(run, events));
                putRun(RunTable.UPDATE);
            }
        }
        created.forEach(run -> written.add(run.id()));
        replaced.forEach(run -> written.add(run.id()));
        Set<String> counted = new LinkedHashSet<>(2);
        change.created().commands().forEach(command -> counted.add(command.runId()));
        change.events().forEach(event -> counted.add(event.runId()));
        counted.removeAll(written);
        for (String runId : counted) {
            begin(Kind.RUN);
            Numbers last = numbers(runId, locked.run(runId), events);
            RunTable.bindCounters(script, runId, last.events(), last.commands());
            putRun(RunTable.COUNT);
        }
        return events;
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

    private void writeCommands() {
        if (!change.created().commands().isEmpty()) {
            CommandTable.bindNew(script, change.created().commands());
            script.run(CommandTable.INSERT);
        }
        if (!change.replaced().commands().isEmpty()) {
            CommandTable.bindChanged(script, change.replaced().commands());
            script.run(CommandTable.UPDATE);
        }
    }

    /** Returns what tells the version that a task has got, once the script has run. */
    private Function<QueueTask, Long> writeTasks() {
        List<Supplier<Stream<Versioned>>> versions = new ArrayList<>(2);
        List<QueueTask> created = change.created().tasks();
        List<QueueTask> replaced = change.replaced().tasks();
        if (created.size() > 1) {
            NewTaskSets.bind(script, created);
            Script.Rows<Versioned> all = script.query(NewTaskSets.INSERT, TaskSets::versioned);
            versions.add(() -> all.all().stream());
        } else {
            for (QueueTask task : created) {
                versions.add(write(task, sql -> script.query(sql, TaskTable::version), TaskTable.INSERT));
            }
        }
        for (QueueTask task : change.replaced().renewed()) {
            versions.add(write(task, sql -> put(sql, TaskTable::version), TaskTable.RENEW));
        }
        if (replaced.size() > 1) {
            TaskSets.bind(script, replaced);
            Script.Rows<Versioned> all = putAll(TaskSets.UPDATE, TaskSets::versioned, replaced.size());
            versions.add(() -> all.all().stream());
        } else {
            for (QueueTask task : replaced) {
                versions.add(write(task, sql -> put(sql, TaskTable::version), TaskTable.UPDATE));
            }
        }
        return new TaskVersions(versions);
    }

    private Supplier<Stream<Versioned>> write(
            QueueTask task, Function<String, Script.Rows<Long>> statement, String sql) {
        begin(Kind.TASK);
        TaskTable.bind(script, task);
        Script.Rows<Long> rows = statement.apply(sql);
        return () -> rows.all().stream().map(version -> new Versioned(task.id(), version));
    }

    /** The versions that tasks have got; an insert returned none for a task whose key is taken. */
    private static final class TaskVersions implements Function<QueueTask, Long> {
        private final List<Supplier<Stream<Versioned>>> rows;
        private @Nullable Map<String, Long> versions;

        TaskVersions(List<Supplier<Stream<Versioned>>> rows) {
            this.rows = rows;
        }

        @Override
        public Long apply(QueueTask task) {
            Map<String, Long> read = versions;
            if (read == null) {
                read = rows.stream()
                        .flatMap(Supplier::get)
                        .collect(Collectors.toMap(Versioned::taskId, Versioned::version));
                versions = read;
            }
            Long version = read.get(task.id());
            if (version == null) {
                throw new LostRace();
            }
            return version;
        }
    }

    /** Returns what tells the version that a question has got, once the script has run. */
    private Function<Question, Long> writeQuestions() {
        List<Question> created = change.questions().created();
        List<Question> replaced = change.questions().replaced();
        List<Script.Rows<QuestionTable.Versioned>> written = new ArrayList<>(0);
        if (!created.isEmpty()) {
            QuestionTable.bindNew(script, created);
            written.add(putAll(QuestionTable.INSERT, QuestionTable::versioned, created.size()));
        }
        if (!replaced.isEmpty()) {
            QuestionTable.bindChanged(script, replaced);
            written.add(putAll(QuestionTable.UPDATE, QuestionTable::versioned, replaced.size()));
        }
        return question -> written.stream()
                .flatMap(rows -> rows.all().stream())
                .filter(row -> row.questionId().equals(question.id()))
                .findFirst()
                .orElseThrow()
                .version();
    }

    private List<Question> questions(Function<Question, Long> versions) {
        return change.questions()
                .all()
                .map(question -> question.withVersion(versions.apply(question)))
                .toList();
    }

    private List<Session> sessions(List<Script.Rows<Long>> versions) {
        List<Session> sessions = change.sessions().collect(Collectors.toCollection(ArrayList::new));
        for (int i = 0; i < versions.size(); i++) {
            long version = versions.get(i).first().orElseThrow();
            sessions.set(i, sessions.get(i).toBuilder().version(version).build());
        }
        return sessions;
    }

    private List<QueueTask> tasks(Function<QueueTask, Long> versions) {
        return change.tasks()
                .map(task -> task.toBuilder().version(versions.apply(task)).build())
                .toList();
    }
}
