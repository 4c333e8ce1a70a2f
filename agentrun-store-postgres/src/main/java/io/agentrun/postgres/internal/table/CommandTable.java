package io.agentrun.postgres.internal.table;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.command.Resumed;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.rules.CommandHead;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_commands}. What a rule reads of open commands is their heads, so that no payload travels for it.
 *
 * <p>Thread-safe.
 */
public final class CommandTable {

    /** The columns of a command, from {@code c}. */
    public static final String COLUMNS = """
            c.id, c.run_id, c.seq, c.type, c.payload, c.payload_hash, c.idempotency_key, c.state, c.terminal_status,
            c.failure_kind, c.failure_message, c.ordinal, c.deliverable, c.target_command_id, c.created_at,
            c.updated_at, c.acknowledged_at, c.resumed
            """;

    /** The columns of a command's head, from {@code c}. */
    public static final String HEAD_COLUMNS = """
            c.id, c.run_id, c.seq, c.type, c.state, c.terminal_status, c.failure_kind, c.failure_message, c.ordinal,
            c.deliverable, c.target_command_id, c.created_at, c.updated_at, c.acknowledged_at, c.resumed
            """;

    /** The command with the id {@code :command_id}. */
    public static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.id = :command_id
            """;

    /** The head of the command with the id {@code :command_id}. */
    public static final String GET_HEAD = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.id = :command_id
            """;

    /** The command of the run {@code :run_id} that was created under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = :run_id AND c.idempotency_key = :idempotency_key
            """;

    /** The heads of the open commands of the run {@code :run_id}, by number. */
    public static final String OPEN = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = :run_id AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.seq
            """;

    /** The open commands of the run that the command {@code :command_id} is in, by number. */
    public static final String OPEN_BESIDE = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = (SELECT run_id FROM {schema}.agentrun_commands WHERE id = :command_id)
                AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.seq
            """;

    /** The open commands of the session's runs whose turn is active: of the active turn's run. */
    public static final String OPEN_OF_ACTIVE = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = (
                    SELECT t.run_id
                    FROM {schema}.agentrun_commands t
                    WHERE t.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
                        AND t.ordinal > 0 AND t.terminal_status IS NULL AND t.state IN ('pending', 'acknowledged')
                    ORDER BY t.ordinal
                    LIMIT 1)
                AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.seq
            """;

    /** The first two open turns of the session of the run {@code :run_id}, by ordinal. */
    public static final String TURNS = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
                AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.ordinal
            LIMIT 2
            """;

    /** The first open turn among those of the other runs of the session of the run {@code :run_id}. */
    public static final String NEXT_OF_OTHER_RUNS = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
                AND c.run_id <> :run_id
                AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.ordinal
            LIMIT 1
            """;

    /** The first open turn of the session of the command {@code :command_id}, that command left out. */
    public static final String NEXT_BESIDE = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.session_id = (SELECT session_id FROM {schema}.agentrun_commands WHERE id = :command_id)
                AND c.id <> :command_id
                AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.ordinal
            LIMIT 1
            """;

    /** The first open turn of the run {@code :run_id}, the command {@code :command_id} left out. */
    public static final String OTHER_TURN = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = :run_id AND c.id <> :command_id
                AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.ordinal
            LIMIT 1
            """;

    /** The first open turn of the session {@code :session_id}; a run and a command may be left out, null leaves out none. */
    public static final String NEXT = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.session_id = :session_id
                AND c.run_id IS DISTINCT FROM CAST(:except_run AS text)
                AND c.id IS DISTINCT FROM CAST(:except_command AS text)
                AND c.ordinal > 0 AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.ordinal
            LIMIT 1
            """;

    /** New commands. The limit is for the plan: as in {@link AppendStatements#TOGETHER}. */
    public static final String INSERT = """
            INSERT INTO {schema}.agentrun_commands (
                id, run_id, session_id, seq, type, payload, payload_hash, idempotency_key, state, ordinal, deliverable,
                target_command_id, created_at, updated_at)
            SELECT
                n.id, n.run_id, (SELECT r.session_id FROM {schema}.agentrun_runs r WHERE r.id = n.run_id), n.seq, n.type,
                CAST(n.payload AS jsonb), n.payload_hash, n.idempotency_key, n.state, n.ordinal, n.deliverable,
                n.target_command_id, n.created_at, n.created_at
            FROM (
                SELECT *
                FROM unnest(
                        :new_command_id, :new_command_run_id, :new_command_seq, :new_command_type, :new_command_payload,
                        :new_command_hash, :new_command_key, :new_command_state, :new_command_ordinal,
                        :new_command_deliverable, :new_command_target, :new_command_created_at)
                    AS n (id, run_id, seq, type, payload, payload_hash, idempotency_key, state, ordinal, deliverable,
                        target_command_id, created_at)
                LIMIT (SELECT pg_catalog.cardinality(:new_command_id))
            ) n
            """;

    /** Everything of commands that may change. The limit is for the plan: as in {@link AppendStatements#TOGETHER}. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_commands c
            SET state = n.state,
                terminal_status = n.terminal_status,
                failure_kind = n.failure_kind,
                failure_message = n.failure_message,
                deliverable = n.deliverable,
                updated_at = n.updated_at,
                acknowledged_at = n.acknowledged_at,
                resumed = CAST(n.resumed AS jsonb)
            FROM (
                SELECT *
                FROM unnest(
                        :command_id, :command_state, :command_terminal_status, :command_failure_kind,
                        :command_failure_message, :command_deliverable, :command_updated_at, :command_acknowledged_at,
                        :command_resumed)
                    AS n (id, state, terminal_status, failure_kind, failure_message, deliverable, updated_at,
                        acknowledged_at, resumed)
                LIMIT (SELECT pg_catalog.cardinality(:command_id))
            ) n
            WHERE c.id = n.id
            """;

    private CommandTable() {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, List<Command> commands) {
        text(script, "new_command_id", commands, Command::id);
        text(script, "new_command_run_id", commands, Command::runId);
        array(script, "new_command_seq", "bigint", commands, Command::seq);
        text(script, "new_command_type", commands, command -> command.type().wire());
        text(
                script,
                "new_command_payload",
                commands,
                command -> command.payload().toJson());
        text(script, "new_command_hash", commands, command -> hash(command.idempotency()));
        text(script, "new_command_key", commands, command -> key(command.idempotency()));
        text(script, "new_command_state", commands, command -> command.state().wire());
        array(
                script,
                "new_command_ordinal",
                "bigint",
                commands,
                command -> command.order().ordinal());
        array(
                script,
                "new_command_deliverable",
                "boolean",
                commands,
                command -> command.order().deliverable());
        text(script, "new_command_target", commands, command -> command.order().targetCommandId());
        times(
                script,
                "new_command_created_at",
                commands,
                command -> command.times().createdAt());
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<CommandHead> commands) {
        text(script, "command_id", commands, CommandHead::id);
        text(script, "command_state", commands, command -> command.state().wire());
        text(script, "command_terminal_status", commands, command -> status(command.outcome()));
        text(script, "command_failure_kind", commands, command -> Columns.failureKind(command.outcome()));
        text(script, "command_failure_message", commands, command -> Columns.failureMessage(command.outcome()));
        array(
                script,
                "command_deliverable",
                "boolean",
                commands,
                command -> command.order().deliverable());
        times(script, "command_updated_at", commands, command -> command.times().updatedAt());
        times(
                script,
                "command_acknowledged_at",
                commands,
                command -> command.times().acknowledgedAt());
        text(
                script,
                "command_resumed",
                commands,
                command -> command.resumed() == null
                        ? null
                        : JsonObject.fromBean(command.resumed()).toJson());
    }

    private static <T> void text(Script script, String name, List<T> commands, Function<T, @Nullable String> value) {
        script.bindArray(name, "text", commands.stream().map(value).toArray());
    }

    private static <T> void array(
            Script script, String name, String type, List<T> commands, Function<T, Object> value) {
        script.bindArray(name, type, commands.stream().map(value).toArray());
    }

    private static <T> void times(Script script, String name, List<T> commands, Function<T, @Nullable Instant> value) {
        script.bindTimes(name, commands.stream().map(value).toList());
    }

    private static @Nullable String hash(@Nullable Idempotency idempotency) {
        return idempotency == null ? null : idempotency.contentHash();
    }

    private static @Nullable String key(@Nullable Idempotency idempotency) {
        return idempotency == null ? null : idempotency.key();
    }

    private static @Nullable String status(@Nullable Outcome outcome) {
        return outcome == null ? null : outcome.status().wire();
    }

    /** Returns the command in the row. */
    public static Command command(ResultSet row, StatementContext context) throws SQLException {
        return new Command(
                Columns.text(row, "id"),
                Columns.text(row, "run_id"),
                row.getLong("seq"),
                type(row),
                Columns.json(row, "payload"),
                state(row),
                Columns.outcome(row.getString("terminal_status"), row),
                order(row),
                idempotency(row),
                times(row),
                resumed(row));
    }

    /** Returns the head of the command in the row. */
    public static CommandHead head(ResultSet row, StatementContext context) throws SQLException {
        return new CommandHead(
                Columns.text(row, "id"),
                Columns.text(row, "run_id"),
                row.getLong("seq"),
                type(row),
                state(row),
                Columns.outcome(row.getString("terminal_status"), row),
                order(row),
                times(row),
                resumed(row));
    }

    private static @Nullable Resumed resumed(ResultSet row) throws SQLException {
        JsonObject stored = Columns.jsonOrNull(row, "resumed");
        return stored == null ? null : stored.to(Resumed.class);
    }

    private static CommandType type(ResultSet row) throws SQLException {
        return CommandType.fromWire("type", Columns.text(row, "type"));
    }

    private static CommandState state(ResultSet row) throws SQLException {
        return CommandState.fromWire("state", Columns.text(row, "state"));
    }

    private static CommandOrder order(ResultSet row) throws SQLException {
        return new CommandOrder(
                row.getLong("ordinal"), row.getBoolean("deliverable"), row.getString("target_command_id"));
    }

    private static CommandTimes times(ResultSet row) throws SQLException {
        return new CommandTimes(
                Columns.instant(row, "created_at"),
                Columns.instant(row, "updated_at"),
                Columns.instantOrNull(row, "acknowledged_at"));
    }

    /** Returns the key and the hash. The original's hash cannot be repeated, so that the stored content is hashed again. */
    private static @Nullable Idempotency idempotency(ResultSet row) throws SQLException {
        String key = row.getString("idempotency_key");
        if (key == null) {
            return null;
        }
        String hash = Columns.text(row, "payload_hash");
        if (hash.startsWith("v1:")) {
            return new Idempotency(key, hash);
        }
        NewCommand content = new NewCommand(type(row), Columns.json(row, "payload"), OnBusy.ENQUEUE, null, null);
        return new Idempotency(key, content.contentHash());
    }
}
