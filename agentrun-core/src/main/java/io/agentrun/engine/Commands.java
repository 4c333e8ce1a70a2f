package io.agentrun.engine;

import io.agentrun.CommandStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.ReadSets.CommandEnd;
import io.agentrun.backend.ReadSets.Lane;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads.Deliverable;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
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
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.Keys;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The commands of every store. */
final class Commands implements CommandStore {

    private final Context context;

    Commands(Context context) {
        this.context = context;
    }

    @Override
    public Command create(String runId, NewCommand input) {
        String id = context.intake().id("runId", runId);
        NewCommand checked = context.intake().command(input);
        String commandId = context.ids().next(IdSource.COMMAND);
        String interruptId = context.ids().next(IdSource.COMMAND);
        return context.backend().write(tx -> create(tx, id, checked, commandId, interruptId));
    }

    private Command create(StoreTx tx, String runId, NewCommand input, String commandId, String interruptId) {
        Lane seen = tx.lockLane(runId, input).orThrow("run", runId);
        Command first = seen.replayed();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        Change change = CommandRules.create(seen.lane(), input, commandId, interruptId, tx.now());
        tx.write(change, context.ids());
        for (Command created : change.created().commands()) {
            if (created.id().equals(commandId)) {
                return created;
            }
        }
        throw new IllegalStateException("the rule has created no command");
    }

    @Override
    public Command get(String commandId) {
        String id = context.intake().id("commandId", commandId);
        return context.backend()
                .read(reads -> reads.findCommand(id))
                .orElseThrow(() -> new NotFoundException("command", id));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        String id = context.intake().id("runId", runId);
        long after = context.intake().afterSeq(afterSeq);
        int size = context.intake().page(limit);
        List<Command> items = context.backend()
                .read(reads -> reads.commands(id, after, size))
                .orElseThrow(() -> new NotFoundException("run", id));
        return new CommandPage(
                id, items, items.isEmpty() ? after : items.get(items.size() - 1).seq());
    }

    @Override
    public CommandDelivery await(Fence fence, int limit, Duration timeout) {
        Fence given = Require.given("fence", fence);
        int size = context.intake().page(limit);
        Duration wait = context.intake().timeout(timeout);
        CommandDelivery seen = context.backend()
                .await(
                        Signal.commands(given.runId()),
                        wait,
                        reads -> delivery(
                                reads.deliverable(given.runId(), size)
                                        .orElseThrow(() -> new NotFoundException("run", given.runId())),
                                given));
        return seen == null ? new CommandDelivery(LeaseSignal.CONTINUE, List.of(), null) : seen;
    }

    private static @Nullable CommandDelivery delivery(Deliverable found, Fence fence) {
        RunHead run = found.run();
        List<Command> commands = found.commands();
        LeaseSignal signal = LeaseRules.signal(run, fence);
        return switch (signal) {
            case LEASE_LOST, ENDED -> CommandDelivery.over(signal);
            case CANCEL_REQUESTED -> new CommandDelivery(signal, commands, run.cancelRequest());
            case CONTINUE -> commands.isEmpty() ? null : new CommandDelivery(signal, commands, null);
        };
    }

    @Override
    public Command acknowledge(Fence fence, String commandId) {
        Fence given = Require.given("fence", fence);
        String id = context.intake().id("commandId", commandId);
        if (context.backend().shortcuts().acknowledge(given, id) instanceof Attempt.Done<Command> done) {
            return done.value();
        }
        return context.backend().write(tx -> {
            StoredRun run = tx.lockRun(given.runId(), LockMode.WAIT).orThrow("run", given.runId());
            Command command = tx.findCommand(id).orElseThrow(() -> new NotFoundException("command", id));
            Change change = CommandRules.acknowledge(CommandHead.of(command), run.head(), given, tx.now());
            tx.write(change, context.ids());
            return after(change, command);
        });
    }

    @Override
    public Command finish(Fence fence, String commandId, TurnResult result) {
        Fence given = Require.given("fence", fence);
        String id = context.intake().id("commandId", commandId);
        TurnResult kept = context.intake().result(result);
        return end(id, given.runId(), (view, now) -> CommandRules.finish(view, given, kept, now));
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String id = context.intake().id("commandId", commandId);
        String kept = context.intake().reason(reason);
        return end(id, null, (view, now) -> CommandRules.cancel(view, kept, now));
    }

    /** Writes what the rule decides about the command; a run that the caller names is looked for before the command. */
    private Command end(String commandId, @Nullable String runId, BiFunction<CommandView, Instant, Change> rule) {
        return context.backend().write(tx -> {
            CommandEnd seen = tx.lockCommandEnd(commandId).orNull();
            boolean named = seen != null && seen.command().runId().equals(runId);
            if (runId != null && !named && tx.findRun(runId).isEmpty()) {
                throw new NotFoundException("run", runId);
            }
            if (seen == null) {
                throw new NotFoundException("command", commandId);
            }
            Change change = rule.apply(seen.view(), tx.now());
            tx.write(change, context.ids());
            return after(change, seen.command());
        });
    }

    private static Command after(Change change, Command before) {
        for (CommandHead next : change.replaced().commands()) {
            if (next.id().equals(before.id())) {
                return next.applyTo(before);
            }
        }
        return before;
    }
}
