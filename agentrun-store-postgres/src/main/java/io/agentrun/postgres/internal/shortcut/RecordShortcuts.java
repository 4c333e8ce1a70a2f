package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.model.ReadMark;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.register.BackendTable;
import io.agentrun.postgres.internal.register.RunnerJobTable;
import io.agentrun.postgres.internal.register.RunnerTable;
import io.agentrun.postgres.internal.register.SessionMarkTable;
import io.agentrun.postgres.internal.register.TaskMarkTable;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Records that one statement inserts, or moves forward: runners, jobs, backends, read marks.
 *
 * <p>Thread-safe.
 */
final class RecordShortcuts {

    private final Database database;

    RecordShortcuts(Database database) {
        this.database = database;
    }

    /** Inserts or replaces a runner, as {@link io.agentrun.rules.RunnerRules#register} does (J-1). */
    Attempt<Runner> register(NewRunner runner, String runnerId) {
        return database.once(tx -> SingleStatement.attempt(
                tx,
                RunnerTable.bind(new Script(), runnerId, runner.info()),
                RunnerTable.REGISTER,
                RunnerTable::runner));
    }

    /**
     * Inserts a job unless its key is taken. The guard is that of {@link io.agentrun.rules.RunnerRules#job} and
     * {@code requireOwn} (J-2): the run is open, and the command is one of its own.
     */
    Attempt<RunnerJob> saveJob(NewRunnerJob job, String jobId, OwnerGuard guard) {
        return database.once(tx -> SingleStatement.attempt(
                tx,
                guard.bind(RunnerJobTable.bind(new Script(), jobId, job)),
                guard.row(RunnerJobTable.INSERT, "s.", "s.run_id = :run_id"),
                RunnerJobTable::job));
    }

    /** Inserts or replaces a backend, as {@link io.agentrun.rules.RunnerRules#backend} does (J-3). */
    Attempt<Backend> saveBackend(NewBackend backend) {
        return database.once(tx -> SingleStatement.attempt(
                tx, BackendTable.bind(new Script(), backend), BackendTable.SAVE, BackendTable::backend));
    }

    /**
     * Moves a read mark forward. The guard is that of {@link io.agentrun.rules.SessionRules#markRead} (S-6): the subject has
     * reached the version. Versions only rise, so that no lock on the subject is needed. Where the mark is as far already, a
     * second statement reads it.
     */
    Attempt<ReadMark> markRead(MarkKind kind, String subjectId, String readerId, long version, OwnerGuard guard) {
        return database.once(tx -> {
            Script script = guard.bind(named(subjectId, readerId).bind("version", version));
            return switch (kind) {
                case SESSION ->
                    markRead(
                            tx,
                            script,
                            guard.row(SessionMarkTable.MOVE, "s.", "s.session_id = :subject_id"),
                            SessionMarkTable.GET,
                            SessionMarkTable::mark,
                            subjectId,
                            readerId,
                            version);
                case TASK ->
                    markRead(
                            tx,
                            script,
                            guard.row(TaskMarkTable.MOVE, "s.", "s.id = :subject_id"),
                            TaskMarkTable.GET,
                            TaskMarkTable::mark,
                            subjectId,
                            readerId,
                            version);
            };
        });
    }

    private static Attempt<ReadMark> markRead(
            Tx tx,
            Script script,
            String move,
            String get,
            RowMapper<ReadMark> mapper,
            String subjectId,
            String readerId,
            long version) {
        // One row if there is such a subject; without a mark if it was not moved.
        Script.Rows<Optional<ReadMark>> subject = script.query(
                move,
                (row, context) ->
                        row.getString("subject_id") == null ? Optional.empty() : Optional.of(mapper.map(row, context)));
        tx.execute(script);
        Optional<ReadMark> moved = subject.first().flatMap(mark -> mark);
        if (moved.isPresent()) {
            return Attempt.done(moved.get());
        }
        return subject.all().isEmpty() || version < 1
                ? new Attempt.Refused<>()
                : stored(tx, get, mapper, subjectId, readerId, version);
    }

    private static Attempt<ReadMark> stored(
            Tx tx, String get, RowMapper<ReadMark> mapper, String subjectId, String readerId, long version) {
        Attempt<ReadMark> stored = SingleStatement.attempt(tx, named(subjectId, readerId), get, mapper);
        return stored instanceof Attempt.Done<ReadMark> mark && mark.value().version() >= version
                ? stored
                : new Attempt.Refused<>();
    }

    private static Script named(String subjectId, String readerId) {
        return new Script().bind("subject_id", subjectId).bind("reader_id", readerId);
    }
}
