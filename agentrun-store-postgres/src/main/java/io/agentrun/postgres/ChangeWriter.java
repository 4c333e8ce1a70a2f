package io.agentrun.postgres;

import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.EventTable;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.Emission;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a rule decided: the one way by which a transition reaches the tables. Versions come from their sequences,
 * numbers of events and commands go on from the rows that the step has locked.
 *
 * <p>Thread-safe.
 */
final class ChangeWriter {

    private final IdSource ids;

    ChangeWriter(IdSource ids) {
        this.ids = ids;
    }

    /** The records as they were written. Immutable. */
    record Written(List<Session> sessions, List<QueueTask> tasks, List<RunEvent> events) {

        private static final Written NOTHING = new Written(List.of(), List.of(), List.of());
    }

    /**
     * Writes the change, the last thing that the step does: as a rule in one round trip, its commit included. Where another
     * transaction has made a record that is new here, the statement fails, and the step is tried again.
     *
     * @param seen what the step has read under its locks
     */
    Written write(Tx tx, Change change, Seen seen) {
        if (change.isEmpty()) {
            return Written.NOTHING;
        }
        Step step = new Step(tx, change, seen);
        Written written = step.write();
        change.runs().forEach(run -> tx.signal(Signals.commands(run.id())));
        change.commands().forEach(command -> tx.signal(Signals.commands(command.runId())));
        written.events().forEach(event -> tx.signal(Signals.events(event.runId())));
        return written;
    }

    /** One change on its way into the tables. */
    private final class Step {
        private final Tx tx;
        private final Change change;
        private final Seen seen;
        private final List<Script.Rows<?>> returned = new ArrayList<>(4);
        private final Set<String> used = new LinkedHashSet<>();
        private Script script = new Script();

        private Step(Tx tx, Change change, Seen seen) {
            this.tx = tx;
            this.change = change;
            this.seen = seen;
        }

        Written write() {
            List<Script.Rows<Long>> sessionVersions = new ArrayList<>(1);
            for (Session session : change.sessions()) {
                begin("session");
                SessionTable.bind(script, session);
                String sql = session.version() == 0 ? SessionTable.INSERT : SessionTable.UPDATE;
                sessionVersions.add(put(sql, SessionTable::version));
            }
            List<RunEvent> events = writeRuns();
            writeCommands();
            List<Script.Rows<Long>> taskVersions = new ArrayList<>(1);
            for (QueueTask task : change.tasks()) {
                begin("task");
                TaskTable.bind(script, task);
                taskVersions.add(put(TaskTable.UPDATE, TaskTable::version));
            }
            if (!events.isEmpty()) {
                EventTable.bindNew(script, events);
                script.run(EventTable.INSERT);
            }
            tx.executeLast(script);
            checkWritten();
            return new Written(versionedSessions(sessionVersions), versionedTasks(taskVersions), events);
        }

        /** A statement for one record: the second one of a kind goes with the next script. */
        private void begin(String kind) {
            if (!used.add(kind)) {
                flush();
                used.add(kind);
            }
        }

        private void flush() {
            tx.execute(script);
            checkWritten();
            returned.clear();
            used.clear();
            script = new Script();
        }

        private void checkWritten() {
            if (returned.stream().anyMatch(rows -> rows.all().isEmpty())) {
                throw new IllegalStateException("a record that was read under a lock is gone");
            }
        }

        private <T> Script.Rows<T> put(String sql, RowMapper<T> mapper) {
            Script.Rows<T> rows = script.query(sql, mapper);
            returned.add(rows);
            return rows;
        }

        private List<RunEvent> writeRuns() {
            Map<String, Run> runs = new LinkedHashMap<>(2);
            change.runs().forEach(run -> runs.put(run.id(), run));
            Set<String> counted = new LinkedHashSet<>(runs.keySet());
            change.events().forEach(event -> counted.add(event.runId()));
            List<RunEvent> events = new ArrayList<>(change.events().size());
            for (String runId : counted) {
                RunRow stored = seen.run(runId);
                long eventSeq = stored == null ? 0 : stored.eventSeq();
                long commandSeq = stored == null ? 0 : stored.commandSeq();
                eventSeq = number(runId, eventSeq, events);
                for (Command command : change.commands()) {
                    if (command.runId().equals(runId)) {
                        commandSeq = Math.max(commandSeq, command.seq());
                    }
                }
                begin("run");
                writeRun(runs.get(runId), runId, stored == null, eventSeq, commandSeq);
            }
            return events;
        }

        private void writeRun(@Nullable Run run, String runId, boolean isNew, long eventSeq, long commandSeq) {
            RunTable.bindCounters(script, runId, eventSeq, commandSeq);
            String sql = RunTable.COUNT;
            if (run != null) {
                RunTable.bind(script, run);
                sql = isNew ? RunTable.INSERT : RunTable.UPDATE;
            }
            put(sql, (row, context) -> row.getString("run_id"));
        }

        private long number(String runId, long last, List<RunEvent> events) {
            long seq = last;
            for (Emission emission : change.events()) {
                if (emission.runId().equals(runId)) {
                    seq++;
                    events.add(new RunEvent(
                            ids.next(IdSource.EVENT), runId, seq, emission.type(), emission.payload(), seen.now()));
                }
            }
            return seq;
        }

        private void writeCommands() {
            List<Command> created = new ArrayList<>(1);
            List<Command> changed = new ArrayList<>(2);
            for (Command command : change.commands()) {
                (seen.hasCommand(command.id()) ? changed : created).add(command);
            }
            if (!created.isEmpty()) {
                CommandTable.bindNew(script, created);
                script.run(CommandTable.INSERT);
            }
            if (!changed.isEmpty()) {
                CommandTable.bindChanged(script, changed);
                script.run(CommandTable.UPDATE);
            }
        }

        private List<Session> versionedSessions(List<Script.Rows<Long>> versions) {
            List<Session> sessions = new ArrayList<>(versions.size());
            for (int i = 0; i < versions.size(); i++) {
                Session session = change.sessions().get(i);
                long version = versions.get(i).first().orElseThrow();
                sessions.add(session.toBuilder().version(version).build());
            }
            return sessions;
        }

        private List<QueueTask> versionedTasks(List<Script.Rows<Long>> versions) {
            List<QueueTask> tasks = new ArrayList<>(versions.size());
            for (int i = 0; i < versions.size(); i++) {
                QueueTask task = change.tasks().get(i);
                long version = versions.get(i).first().orElseThrow();
                tasks.add(task.toBuilder().version(version).build());
            }
            return tasks;
        }
    }
}
