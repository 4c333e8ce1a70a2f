package io.agentrun.postgres.internal.table;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.command.Resumed;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.rules.CommandHead;
import java.sql.ResultSet;
import java.sql.SQLException;
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
            WHERE c.run_id = :run_id AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
            ORDER BY c.seq
            """;

    /**
     * The open commands, from {@code c}, of each run in the rows of {@code q}, by number. The offset is for the plan: each run is looked
     * up, however few commands the server believes to be open.
     */
    public static final String OPEN_OF_EACH = """
            CROSS JOIN LATERAL (
                SELECT *
                FROM {schema}.agentrun_commands c
                WHERE c.run_id = q.run_id AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
                OFFSET 0
            ) c
            ORDER BY c.run_id, c.seq
            """;

    /** The open commands of the run that the command {@code :command_id} is in, by number. */
    public static final String OPEN_BESIDE = "SELECT " + HEAD_COLUMNS + """
            FROM {schema}.agentrun_commands c
            WHERE c.run_id = (SELECT run_id FROM {schema}.agentrun_commands WHERE id = :command_id)
                AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
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
                AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
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
                AND c.ordinal > 0 AND c.terminal_status || '' IS NULL AND c.state IN ('pending', 'acknowledged')
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

    private static final ColumnSet<Command> NEW = new ColumnSet<Command>()
            .text("id", Command::id)
            .text("run_id", Command::runId)
            .number("seq", Command::seq)
            .text("type", command -> command.type().wire())
            .json("payload", Command::payload)
            .text("payload_hash", command -> key(command.idempotency(), Idempotency::contentHash))
            .text("idempotency_key", command -> key(command.idempotency(), Idempotency::key))
            .text("state", command -> command.state().wire())
            .number("ordinal", command -> command.order().ordinal())
            .flag("deliverable", command -> command.order().deliverable())
            .text("target_command_id", command -> command.order().targetCommandId())
            .time("created_at", command -> command.times().createdAt());

    private static final ColumnSet<CommandHead> CHANGED = new ColumnSet<CommandHead>()
            .text("state", command -> command.state().wire())
            .text("terminal_status", command -> status(command.outcome()))
            .text("failure_kind", command -> Columns.failureKind(command.outcome()))
            .text("failure_message", command -> Columns.failureMessage(command.outcome()))
            .flag("deliverable", command -> command.order().deliverable())
            .time("updated_at", command -> command.times().updatedAt())
            .time("acknowledged_at", command -> command.times().acknowledgedAt())
            .part("resumed", CommandHead::resumed);

    private static final String INSERT = "INSERT INTO {schema}.agentrun_commands (" + NEW.names("")
            + ", session_id, updated_at)\n"
            + "VALUES (" + NEW.values(":new_command_") + """
            , (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :new_command_run_id), :new_command_created_at)
            """;

    /** Several. The limit is for the plan: as in {@link AppendStatements#TOGETHER}. */
    private static final String INSERT_ALL = "INSERT INTO {schema}.agentrun_commands (" + NEW.names("")
            + ", session_id, updated_at)\n"
            + "SELECT " + NEW.values("n.") + """
            , (SELECT r.session_id FROM {schema}.agentrun_runs r WHERE r.id = n.run_id), n.created_at
            """
            + "FROM (\nSELECT *\nFROM unnest(" + NEW.names(":new_command_") + ")\n"
            + "AS u (" + NEW.names("") + ")\n"
            + "LIMIT (SELECT pg_catalog.cardinality(:new_command_id))\n) n\n";

    private static final String UPDATE = "UPDATE {schema}.agentrun_commands\n"
            + "SET " + CHANGED.assignments(":command_") + "\n"
            + "WHERE id = :command_id\n";

    /** Several. The limit is for the plan: as in {@link AppendStatements#TOGETHER}. */
    private static final String UPDATE_ALL = "UPDATE {schema}.agentrun_commands c\n"
            + "SET " + CHANGED.assignments("n.") + "\n"
            + "FROM (\nSELECT *\nFROM unnest(:command_ids, " + CHANGED.names(":command_") + ")\n"
            + "AS u (id, " + CHANGED.names("") + ")\n"
            + "LIMIT (SELECT pg_catalog.cardinality(:command_ids))\n) n\n"
            + "WHERE c.id = n.id\n";

    private CommandTable() {}

    /** Adds the statement that writes new commands, with its parameters. */
    public static void insert(Script script, List<Command> commands) {
        NEW.run(script, INSERT, INSERT_ALL, "new_command_", commands);
    }

    /** Adds the statement that writes everything of commands that may change, with its parameters. */
    public static void update(Script script, List<CommandHead> commands) {
        if (commands.size() == 1) {
            script.bind("command_id", commands.get(0).id());
        } else {
            script.bindArray(
                    "command_ids",
                    "text",
                    commands.stream().map(CommandHead::id).toArray());
        }
        CHANGED.run(script, UPDATE, UPDATE_ALL, "command_", commands);
    }

    private static @Nullable String key(@Nullable Idempotency idempotency, Function<Idempotency, String> part) {
        return idempotency == null ? null : part.apply(idempotency);
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
                Columns.partOrNull(row, "resumed", Resumed.class));
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
                Columns.partOrNull(row, "resumed", Resumed.class));
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
