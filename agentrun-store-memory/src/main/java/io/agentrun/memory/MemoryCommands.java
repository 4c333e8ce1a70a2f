package io.agentrun.memory;

import io.agentrun.CommandStore;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.NewCommand;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.Keys;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands of the store in memory. */
final class MemoryCommands implements CommandStore {

    private final Engine.Handle engine;

    MemoryCommands(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public Command create(String runId, NewCommand input) {
        String id = engine.intake().id("runId", runId);
        NewCommand checked = engine.intake().command(input);
        return engine.write(tx -> create(tx, id, checked));
    }

    private static Command create(Tx tx, String runId, NewCommand input) {
        RunEntry entry = tx.require(runId);
        if (input.idempotencyKey() != null) {
            String known = tx.state().keyed("command", runId, input.idempotencyKey());
            if (known != null) {
                Command stored = tx.requireCommand(known);
                Keys.requireSameContent(Require.given("idempotency", stored.idempotency()), input.contentHash());
                return stored;
            }
        }
        Run run = entry.run();
        String id = tx.newId(IdSource.COMMAND);
        TurnLane lane = new TurnLane(run, tx.sessionOf(run), entry.nextCommandSeq(), tx.activeTurn(run));
        tx.write(CommandRules.create(lane, input, id, tx.newId(IdSource.COMMAND), tx.now()));
        return tx.requireCommand(id);
    }

    @Override
    public Command get(String commandId) {
        String id = engine.intake().id("commandId", commandId);
        return engine.read(state -> Tx.requireCommand(state, id));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        String id = engine.intake().id("runId", runId);
        long after = engine.intake().afterSeq(afterSeq);
        int size = engine.intake().page(limit);
        return engine.read(state -> {
            List<Command> items = Slices.after(Tx.require(state, id).commands, after, size);
            return new CommandPage(
                    id,
                    items,
                    items.isEmpty() ? after : items.get(items.size() - 1).seq());
        });
    }

    @Override
    public CommandDelivery await(Fence fence, int limit, Duration timeout) {
        Fence given = Require.given("fence", fence);
        int size = engine.intake().page(limit);
        Duration wait = engine.intake().timeout(timeout);
        CommandDelivery seen =
                engine.await(Signals.commands(given.runId()), wait.toNanos(), state -> look(state, given, size));
        return seen == null ? new CommandDelivery(LeaseSignal.CONTINUE, List.of(), null) : seen;
    }

    private static @Nullable CommandDelivery look(MemoryState state, Fence fence, int limit) {
        RunEntry entry = Tx.require(state, fence.runId());
        LeaseSignal signal = LeaseRules.signal(entry.run(), fence);
        return switch (signal) {
            case LEASE_LOST, ENDED -> CommandDelivery.over(signal);
            case CANCEL_REQUESTED ->
                new CommandDelivery(
                        signal, entry.deliverable(limit), entry.run().cancelRequest());
            case CONTINUE -> {
                List<Command> commands = entry.deliverable(limit);
                yield commands.isEmpty() ? null : new CommandDelivery(signal, commands, null);
            }
        };
    }

    @Override
    public Command acknowledge(Fence fence, String commandId) {
        Fence given = Require.given("fence", fence);
        String id = engine.intake().id("commandId", commandId);
        return engine.write(tx -> {
            Run run = tx.require(given.runId()).run();
            tx.write(CommandRules.acknowledge(tx.requireCommand(id), run, given, tx.now()));
            return tx.requireCommand(id);
        });
    }

    @Override
    public Command finish(Fence fence, String commandId, TurnResult result) {
        Fence given = Require.given("fence", fence);
        String id = engine.intake().id("commandId", commandId);
        TurnResult kept = engine.intake().result(result);
        return engine.write(tx -> {
            tx.require(given.runId());
            tx.write(CommandRules.finish(tx.view(tx.requireCommand(id)), given, kept, tx.now()));
            return tx.requireCommand(id);
        });
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String id = engine.intake().id("commandId", commandId);
        String kept = engine.intake().reason(reason);
        return engine.write(tx -> {
            tx.write(CommandRules.cancel(tx.view(tx.requireCommand(id)), kept, tx.now()));
            return tx.requireCommand(id);
        });
    }
}
