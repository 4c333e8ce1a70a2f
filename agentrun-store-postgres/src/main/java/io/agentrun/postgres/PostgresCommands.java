package io.agentrun.postgres;

import io.agentrun.CommandStore;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.NewCommand;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.CommandQueries;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.Keys;
import io.agentrun.rules.LeaseRules;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands of the store on PostgreSQL. */
final class PostgresCommands implements CommandStore {

    private final Engine engine;

    PostgresCommands(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Command create(String runId, NewCommand input) {
        String id = engine.intake().id("runId", runId);
        NewCommand checked = engine.intake().command(input);
        return engine.database().inTransaction(tx -> create(tx, id, checked));
    }

    private Command create(Tx tx, String runId, NewCommand input) {
        Views.OfLane seen = Views.lane(tx, runId, input);
        Command first = seen.replayed();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        String id = engine.ids().next(IdSource.COMMAND);
        String interruptId = engine.ids().next(IdSource.COMMAND);
        Change change = CommandRules.create(
                seen.lane(), input, id, interruptId, seen.seen().now());
        engine.writer().write(tx, change, seen.seen());
        return after(change, id);
    }

    private static Command after(Change change, String commandId) {
        return change.commands().stream()
                .filter(command -> command.id().equals(commandId))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Command get(String commandId) {
        String id = engine.intake().id("commandId", commandId);
        return engine.database().once(tx -> find(tx, id));
    }

    private static Command find(Tx tx, String commandId) {
        Script script = new Script().bind("command_id", commandId);
        Script.Rows<Command> command = script.query(CommandTable.GET, CommandTable::command);
        tx.execute(script);
        return command.first().orElseThrow(() -> new NotFoundException("command", commandId));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        String id = engine.intake().id("runId", runId);
        long after = engine.intake().afterSeq(afterSeq);
        int size = engine.intake().page(limit);
        return engine.database().once(tx -> {
            Script script =
                    new Script().bind("run_id", id).bind("after_seq", after).bind("limit", size);
            Script.Rows<Boolean> known = script.query(CommandQueries.RUN_EXISTS, CommandQueries::exists);
            Script.Rows<Command> rows = script.query(CommandQueries.PAGE, CommandTable::command);
            tx.execute(script);
            if (known.all().isEmpty()) {
                throw new NotFoundException("run", id);
            }
            List<Command> items = rows.all();
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
        CommandDelivery seen = engine.database()
                .await(
                        Signals.commands(given.runId()),
                        wait,
                        () -> engine.database().once(tx -> look(tx, given, size)));
        return seen == null ? new CommandDelivery(LeaseSignal.CONTINUE, List.of(), null) : seen;
    }

    private static @Nullable CommandDelivery look(Tx tx, Fence fence, int limit) {
        Script script = new Script().bind("run_id", fence.runId()).bind("limit", limit);
        Script.Rows<RunRow> row = script.query(RunTable.GET, RunTable::row);
        Script.Rows<Command> deliverable = script.query(CommandQueries.DELIVERABLE, CommandTable::command);
        tx.execute(script);
        Run run = row.first()
                .orElseThrow(() -> new NotFoundException("run", fence.runId()))
                .run();
        LeaseSignal signal = LeaseRules.signal(run, fence);
        return switch (signal) {
            case LEASE_LOST, ENDED -> CommandDelivery.over(signal);
            case CANCEL_REQUESTED -> new CommandDelivery(signal, deliverable.all(), run.cancelRequest());
            case CONTINUE -> deliverable.all().isEmpty() ? null : new CommandDelivery(signal, deliverable.all(), null);
        };
    }

    /** One statement acknowledges what can be; the rule tells the rest: a replay, or the reason against it. */
    @Override
    public Command acknowledge(Fence fence, String commandId) {
        Fence given = Require.given("fence", fence);
        String id = engine.intake().id("commandId", commandId);
        Command acknowledged = engine.database().once(tx -> {
            Script script = LeaseStatements.bind(new Script(), given).bind("command_id", id);
            Script.Rows<Command> rows = script.query(LeaseStatements.ACKNOWLEDGE, CommandTable::command);
            tx.execute(script);
            if (!rows.all().isEmpty()) {
                tx.signal(Signals.commands(given.runId()));
            }
            return rows.firstOrNull();
        });
        if (acknowledged != null) {
            return acknowledged;
        }
        return engine.database().inTransaction(tx -> {
            Run run = PostgresRuns.find(tx, given.runId()).run();
            Views.OfCommand seen = Views.command(tx, id);
            Run own = seen.view().run();
            Run asked = own.id().equals(run.id()) ? own : run;
            Change change = CommandRules.acknowledge(seen.view().command(), asked, given, seen.now());
            engine.writer().write(tx, change, seen.seen());
            return change.isEmpty() ? seen.view().command() : after(change, id);
        });
    }

    @Override
    public Command finish(Fence fence, String commandId, TurnResult result) {
        Fence given = Require.given("fence", fence);
        String id = engine.intake().id("commandId", commandId);
        TurnResult kept = engine.intake().result(result);
        return engine.database().inTransaction(tx -> {
            Views.OfCommand seen;
            try {
                seen = Views.command(tx, id);
            } catch (NotFoundException e) {
                // The run is asked for first.
                PostgresRuns.find(tx, given.runId());
                throw e;
            }
            if (!seen.view().run().id().equals(given.runId())) {
                PostgresRuns.find(tx, given.runId());
            }
            Change change = CommandRules.finish(seen.view(), given, kept, seen.now());
            engine.writer().write(tx, change, seen.seen());
            return change.isEmpty() ? seen.view().command() : after(change, id);
        });
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String id = engine.intake().id("commandId", commandId);
        String kept = engine.intake().reason(reason);
        return engine.database().inTransaction(tx -> {
            Views.OfCommand seen = Views.command(tx, id);
            Change change = CommandRules.cancel(seen.view(), kept, seen.now());
            engine.writer().write(tx, change, seen.seen());
            return change.isEmpty() ? seen.view().command() : after(change, id);
        });
    }
}
