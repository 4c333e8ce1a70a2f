package io.agentrun.h2;

import static io.agentrun.h2.H2Commands.COMMANDS;
import static io.agentrun.h2.H2Queue.TASKS;
import static io.agentrun.h2.H2Runs.EVENTS;
import static io.agentrun.h2.H2Runs.RUNS;
import static io.agentrun.h2.H2Sessions.SESSIONS;

import io.agentrun.IdSource;
import io.agentrun.ReadMark;
import io.agentrun.Times;
import io.agentrun.command.Command;
import io.agentrun.event.RunEvent;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.Emission;
import io.agentrun.rules.RunView;
import io.agentrun.rules.SessionRules;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: its statements, its time, what the rules must see and what they want written. Not thread-safe: one
 * thread at a time.
 */
final class Tx {

    /** The database's clock: one for all instances, whichever process they are in. Only tests stop it. */
    static final String CLOCK = "SELECT COALESCE(stopped_at, CURRENT_TIMESTAMP(6)) FROM agentrun_store";

    /** What one row says. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
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
        if (now == null) {
            Row<Instant> clock = row -> Times.micros(row.getObject(1, Instant.class));
            now = list(1, clock, any -> true, CLOCK).get(0);
        }
        return now;
    }

    String newId(String prefix) {
        return IdSource.timeOrdered().next(prefix);
    }

    /** The number in the one row that there is. */
    long number(String sql, @Nullable Object... values) {
        return list(1, row -> row.getLong(1), any -> true, sql, values).get(0);
    }

    /** What the first rows say whose content is wanted; rows after them are not looked at. */
    <T> List<T> list(int limit, Row<T> reader, Predicate<T> wanted, String sql, @Nullable Object... values) {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> found = new ArrayList<>();
            while (found.size() < limit && rows.next()) {
                T next = reader.read(rows);
                if (wanted.test(next)) {
                    found.add(next);
                }
            }
            return found;
        } catch (SQLException e) {
            throw Database.failure(e);
        }
    }

    int update(String sql, @Nullable Object... values) {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw Database.failure(e);
        }
    }

    private PreparedStatement prepare(String sql, @Nullable Object[] values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(statements.apply(sql));
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
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
        return openTurns(run.id(), run.sessionId()).filter(wanted).findFirst().orElse(null);
    }

    /** The open turns of the run, and of all runs of the session if one is given, in the order of their turn. */
    Stream<Command> openTurns(@Nullable String runId, @Nullable String sessionId) {
        String runs = "run_id IN (SELECT id FROM runs WHERE id = ? OR session_id = ?)";
        var open = COMMANDS.where().and("is_open AND is_turn").and(runs, runId, sessionId);
        return open.by("ordinal").list(this).stream();
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
        return runs.first(this, run -> !run.isTerminal()).isPresent();
    }

    /** The next number of the run's events or commands. */
    long nextSeq(Table<?> numbered, String runId) {
        return numbered.where().is("run_id", runId).highest(this, "seq") + 1;
    }

    void write(Change change) {
        change.runs().forEach(run -> RUNS.save(this, run));
        change.commands().forEach(command -> COMMANDS.save(this, command));
        for (Session session : change.sessions()) {
            long version = SESSIONS.where().highest(this, "version") + 1;
            SESSIONS.save(this, session.toBuilder().version(version).build());
        }
        for (QueueTask task : change.tasks()) {
            long version = TASKS.where().highest(this, "version") + 1;
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
