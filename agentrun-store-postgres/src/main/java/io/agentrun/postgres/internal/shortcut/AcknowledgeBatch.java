package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Signal;
import io.agentrun.command.Command;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.LeaseStatements.Acknowledged;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Acknowledgements, alone or combined. The guard is that of {@link io.agentrun.rules.CommandRules#acknowledge} for a command that
 * is pending (C-6): the fence holds, and the command is the run's and deliverable.
 *
 * <p>Thread-safe.
 */
final class AcknowledgeBatch implements GroupCommit.Operation<AcknowledgeBatch.Acknowledging, Command> {

    private final Database database;

    AcknowledgeBatch(Database database) {
        this.database = database;
    }

    /** Which command is acknowledged by whom, and the caller's view. Immutable. */
    record Acknowledging(Fence fence, String commandId, OwnerGuard guard) {}

    @Override
    public String key(Acknowledging input) {
        return input.fence().runId();
    }

    @Override
    public int weight(Acknowledging input) {
        return 1;
    }

    @Override
    public Attempt<Command> executeAlone(Acknowledging input) {
        return database.once(tx -> {
            Script script = LeaseStatements.bind(new Script(), input.fence()).bind("command_id", input.commandId());
            OwnerGuard guard = input.guard();
            String sql = guard.row(LeaseStatements.ACKNOWLEDGE, "", "run_id = :run_id AND epoch = :epoch");
            Attempt<Command> attempt = SingleStatement.attempt(tx, guard.bind(script), sql, CommandTable::command);
            if (attempt instanceof Attempt.Done) {
                tx.signal(Signal.commands(input.fence().runId()).name());
            }
            return attempt;
        });
    }

    @Override
    public void executeCombined(List<Waiter<Acknowledging, Command>> batch) {
        List<Acknowledging> inputs = batch.stream().map(Waiter::input).toList();
        for (Acknowledged row : database.once(tx -> combined(tx, inputs))) {
            batch.get(row.item() - 1).done(row.command());
        }
    }

    /** Sends all in one statement; what it did not do is contended. */
    static List<Attempt<Command>> all(Database database, List<Acknowledging> inputs) {
        List<Attempt<Command>> attempts =
                new ArrayList<>(Collections.nCopies(inputs.size(), new Attempt.Contended<>()));
        for (Acknowledged row : database.once(tx -> combined(tx, inputs))) {
            attempts.set(row.item() - 1, Attempt.done(row.command()));
        }
        return attempts;
    }

    private static List<Acknowledged> combined(Tx tx, List<Acknowledging> inputs) {
        Script script = new Script()
                .bindArray(
                        "run_ids", "text", array(inputs, input -> input.fence().runId()))
                .bindArray(
                        "runner_ids",
                        "text",
                        array(inputs, input -> input.fence().runnerId()))
                .bindArray(
                        "epochs", "bigint", array(inputs, input -> input.fence().epoch()))
                .bindHashes(
                        "fence_hashes",
                        inputs.stream().map(input -> input.fence().tokenHash()).toList())
                .bindArray("command_ids", "text", array(inputs, Acknowledging::commandId));
        String sql = OwnerGuard.each(
                LeaseStatements.ACKNOWLEDGES,
                script,
                inputs.stream().map(Acknowledging::guard).toList());
        Script.Rows<Acknowledged> rows = script.query(sql, LeaseStatements::acknowledged);
        tx.execute(script);
        // One that cannot be read is left open: alone, it is answered with what is wrong with it.
        rows.readable()
                .forEach(row -> tx.signal(Signal.commands(row.command().runId()).name()));
        return rows.readable();
    }

    private static Object[] array(List<Acknowledging> inputs, Function<Acknowledging, Object> value) {
        return inputs.stream().map(value).toArray();
    }
}
