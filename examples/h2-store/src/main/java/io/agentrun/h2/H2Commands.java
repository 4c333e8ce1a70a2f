package io.agentrun.h2;

import io.agentrun.IdSource;
import io.agentrun.Require;
import io.agentrun.TurnResult;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.CommandStore;
import io.agentrun.command.NewCommand;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.Intake;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The room of commands. Thread-safe. */
record H2Commands(Database db, Intake in) implements CommandStore {

    @Override
    public Command create(String runId, NewCommand given) {
        String id = in.id("runId", runId);
        NewCommand input = in.command(given);
        return db.write(tx -> {
            Run run = Table.RUNS.get(tx, id);
            Optional<Command> first =
                    Table.COMMANDS.find(tx, "run_id = ? AND idempotency_key = ?", id, input.idempotencyKey());
            return Changes.replayed(first, Command::idempotency, input::contentHash)
                    .orElseGet(() -> {
                        String commandId = tx.newId(IdSource.COMMAND);
                        TurnLane lane = Views.lane(tx, run);
                        Changes.write(
                                tx, CommandRules.create(lane, input, commandId, tx.newId(IdSource.COMMAND), tx.now()));
                        return Table.COMMANDS.get(tx, commandId);
                    });
        });
    }

    @Override
    public Command get(String commandId) {
        String id = in.id("commandId", commandId);
        return db.read(tx -> Table.COMMANDS.get(tx, id));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        String id = in.id("runId", runId);
        long after = in.afterSeq(afterSeq);
        int most = in.page(limit);
        return db.read(tx -> {
            Table.RUNS.get(tx, id);
            List<Command> items =
                    Table.COMMANDS.list(tx, "run_id = ? AND seq > ? ORDER BY seq LIMIT ?", id, after, most);
            return new CommandPage(
                    id,
                    items,
                    items.isEmpty() ? after : items.get(items.size() - 1).seq());
        });
    }

    @Override
    public CommandDelivery await(Fence given, int limit, Duration timeout) {
        Fence fence = Require.given("fence", given);
        int most = in.page(limit);
        Duration patience = in.timeout(timeout);
        return db.await(
                patience,
                tx -> delivery(tx, fence, most),
                seen -> seen.signal() != LeaseSignal.CONTINUE
                        || !seen.commands().isEmpty());
    }

    private static CommandDelivery delivery(Tx tx, Fence fence, int limit) {
        Run run = Table.RUNS.get(tx, fence.runId());
        LeaseSignal signal = LeaseRules.signal(run, fence);
        return signal.holds()
                ? new CommandDelivery(signal, deliverable(tx, run.id(), limit), run.cancelRequest())
                : CommandDelivery.over(signal);
    }

    /** What a runner is given: the run's first pending commands that do not wait behind others. */
    static List<Command> deliverable(Tx tx, String runId, int limit) {
        return Table.COMMANDS.list(
                tx, "run_id = ? AND state = 'pending' AND deliverable ORDER BY seq LIMIT ?", runId, limit);
    }

    @Override
    public Command acknowledge(Fence given, String commandId) {
        Fence fence = Require.given("fence", given);
        String id = in.id("commandId", commandId);
        return db.write(tx -> {
            Run run = Table.RUNS.get(tx, fence.runId());
            Changes.write(tx, CommandRules.acknowledge(Table.COMMANDS.get(tx, id), run, fence, tx.now()));
            return Table.COMMANDS.get(tx, id);
        });
    }

    @Override
    public Command finish(Fence given, String commandId, TurnResult result) {
        Fence fence = Require.given("fence", given);
        String id = in.id("commandId", commandId);
        TurnResult reported = in.result(result);
        return db.write(tx -> {
            Table.RUNS.get(tx, fence.runId());
            Changes.write(
                    tx, CommandRules.finish(Views.command(tx, Table.COMMANDS.get(tx, id)), fence, reported, tx.now()));
            return Table.COMMANDS.get(tx, id);
        });
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String id = in.id("commandId", commandId);
        String why = in.reason(reason);
        return db.write(tx -> {
            Changes.write(tx, CommandRules.cancel(Views.command(tx, Table.COMMANDS.get(tx, id)), why, tx.now()));
            return Table.COMMANDS.get(tx, id);
        });
    }
}
