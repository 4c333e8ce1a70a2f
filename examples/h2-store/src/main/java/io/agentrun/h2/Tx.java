package io.agentrun.h2;

import static io.agentrun.h2.H2Commands.COMMANDS;
import static io.agentrun.h2.H2Queue.TASKS;
import static io.agentrun.h2.H2Runs.EVENTS;
import static io.agentrun.h2.H2Runs.RUNS;
import static io.agentrun.h2.H2Sessions.SESSIONS;

import io.agentrun.*;
import io.agentrun.check.Times;
import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.model.ReadMark;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.*;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.sql.*;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One transaction: statements, time, what rules must see and want written. Not thread-safe: one thread at a time. */
final class Tx {

    /** The database's clock: one for all instances, whichever process they are in. Only tests stop it. */
    static final String CLOCK = "SELECT COALESCE(stopped_at, CURRENT_TIMESTAMP(6)) FROM agentrun_store";

    /** What is got from a statement or a row. */
    interface Step<S, T> {
        T from(S source) throws SQLException;
    }

    private final Connection connection;
    private final UnaryOperator<String> statements;
    private @Nullable Instant now;

    Tx(Connection connection, UnaryOperator<String> statements) {
        this.connection = connection;
        this.statements = statements;
    }

    /** The time of this operation: read once, when it is first asked for, and so after the lock. */
    Instant now() {
        now = now == null ? Times.micros(only(Instant.class, CLOCK)) : now;
        return now;
    }

    String newId(String prefix) {
        return IdSource.timeOrdered().next(prefix);
    }

    /** The value in the one row that there is. */
    <T> T only(Class<T> type, String sql, @Nullable Object... values) {
        return list(1, row -> row.getObject(1, type), any -> true, sql, values).get(0);
    }

    /** What the first rows say whose content is wanted; rows after them are not looked at. */
    <T> List<T> list(int limit, Step<ResultSet, T> read, Predicate<T> wanted, String sql, @Nullable Object... values) {
        return execute(sql, values, statement -> {
            List<T> found = new ArrayList<>();
            var rows = statement.executeQuery();
            while (found.size() < limit && rows.next()) {
                T next = read.from(rows);
                if (wanted.test(next)) {
                    found.add(next);
                }
            }
            return found;
        });
    }

    int update(String sql, @Nullable Object... values) {
        return execute(sql, values, PreparedStatement::executeUpdate);
    }

    private <T> T execute(String sql, @Nullable Object[] values, Step<PreparedStatement, T> step) {
        try (var statement = connection.prepareStatement(statements.apply(sql))) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return step.from(statement);
        } catch (SQLException e) {
            throw Database.failure(e);
        }
    }

    RunView view(Run run) {
        Command next = openTurn(run, turn -> !turn.runId().equals(run.id()));
        return new RunView(run, openCommands(run), session(run), next, task(run));
    }

    CommandView view(Command command) {
        Run run = RUNS.get(this, command.runId());
        Command next = openTurn(run, turn -> !turn.id().equals(command.id()));
        return new CommandView(command, run, openCommands(run), session(run), next, nextSeq(COMMANDS, run.id()));
    }

    TurnLane lane(Run run) {
        Command active = openTurn(run, any -> true);
        return new TurnLane(run, session(run), nextSeq(COMMANDS, run.id()), active == null ? null : view(active));
    }

    List<Command> openCommands(Run run) {
        return COMMANDS.where().is("run_id", run.id()).and("is_open").by("seq").list(this);
    }

    private @Nullable Command openTurn(Run run, Predicate<Command> wanted) {
        var turns = openTurns(run.id(), run.sessionId()).stream();
        return turns.filter(wanted).findFirst().orElse(null);
    }

    /** The open turns of the run, and of all runs of the session if one is given, in the order of their turn. */
    List<Command> openTurns(@Nullable String runId, @Nullable String sessionId) {
        String runs = "run_id IN (SELECT id FROM runs WHERE id = ? OR session_id = ?)";
        var open = COMMANDS.where().and("is_open AND is_turn").and(runs, runId, sessionId);
        return open.by("ordinal").list(this);
    }

    @Nullable
    Session session(Run run) {
        return SESSIONS.find(this, run.sessionId()).orElse(null);
    }

    /** The session that is named, if one is, and if there is one. */
    @Nullable
    Session session(@Nullable SessionRef ref) {
        return ref == null ? null : SESSIONS.find(this, ref.sessionId()).orElse(null);
    }

    /** The queue task that the run is the latest attempt of. */
    @Nullable
    QueueTask task(Run run) {
        return TASKS.where().is("run_id", run.id()).first(this).orElse(null);
    }

    /** Whether the session has a run that has not ended. */
    boolean inUse(Session session) {
        var runs = RUNS.where().is("session_id", session.id());
        return !runs.list(this, 1, run -> !run.isTerminal()).isEmpty();
    }

    /** The next number of the run's events or commands. */
    long nextSeq(Table<?> numbered, String runId) {
        return numbered.where().is("run_id", runId).next(this, "seq");
    }

    void write(Change change) {
        change.runs().forEach(run -> RUNS.save(this, run));
        change.commands().forEach(command -> COMMANDS.save(this, command));
        for (Session session : change.sessions()) {
            long version = SESSIONS.where().next(this, "version");
            SESSIONS.save(this, session.toBuilder().version(version).build());
        }
        for (QueueTask task : change.tasks()) {
            long version = TASKS.where().next(this, "version");
            TASKS.save(this, task.toBuilder().version(version).build());
        }
        change.events().forEach(this::append);
    }

    RunEvent append(Emission event) {
        long seq = nextSeq(EVENTS, event.runId());
        String id = newId(IdSource.EVENT);
        return EVENTS.save(this, new RunEvent(id, event.runId(), seq, event.type(), event.payload(), now()));
    }

    /** Up to which version somebody has read what. No id holds a line feed. */
    static Table<ReadMark> marks(String name) {
        return new Table<>(name, "mark", ReadMark.class, mark -> mark.subjectId() + '\n' + mark.readerId())
                .with("version BIGINT", ReadMark::version);
    }

    Optional<ReadMark> mark(Table<ReadMark> marks, String subjectId, @Nullable String readerId) {
        return marks.find(this, subjectId + '\n' + readerId);
    }

    /** The reader's mark, moved to the version if that is forward. */
    ReadMark markRead(Table<ReadMark> marks, String subjectId, String readerId, long version, long current) {
        ReadMark stored = mark(marks, subjectId, readerId).orElse(null);
        return marks.save(this, SessionRules.markRead(subjectId, readerId, version, current, stored, now()));
    }
}
