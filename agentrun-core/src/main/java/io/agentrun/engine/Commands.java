package io.agentrun.engine;

import io.agentrun.CommandStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.Locked;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.ReadSets.CommandEnd;
import io.agentrun.backend.ReadSets.Lane;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreReads.Deliverable;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.Keys;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.RunStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The commands of every store. */
final class Commands implements CommandStore {

    /** The most commands that a call for many runs delivers for one. */
    private static final int MOST_OF_RUN = 100;

    private final Context context;
    private final Batches batches;
    private final RunSteps steps;

    Commands(Context context, RunSteps steps) {
        this.context = context;
        this.steps = steps;
        this.batches = new Batches(context);
    }

    @Override
    public Command create(String runId, NewCommand input) {
        String id = context.intake().id("runId", runId);
        NewCommand checked = context.intake().command(input);
        String commandId = context.ids().next(IdSource.COMMAND);
        String interruptId = context.ids().next(IdSource.COMMAND);
        Function<StoreTx, Command> alone = tx -> create(tx, id, checked, commandId, interruptId);
        return checked.idempotencyKey() == null
                ? steps.create(id, checked, commandId, interruptId, alone)
                : context.backend().write(alone);
    }

    private Command create(StoreTx tx, String runId, NewCommand input, String commandId, String interruptId) {
        Lane seen = tx.lockLane(runId, input).orThrow("run", runId);
        Command first = seen.replayed();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        Change change = CommandRules.create(lane(tx, seen.lane(), input), input, commandId, interruptId, tx.now());
        tx.write(change, context.ids());
        return created(change, commandId);
    }

    /** Returns the command that the change creates. */
    static Command created(Change change, String commandId) {
        for (Command created : change.created().commands()) {
            if (created.id().equals(commandId)) {
                return created;
            }
        }
        throw new IllegalStateException("the rule has created no command");
    }

    /** Returns the lane with the task of a run that is parked and may end because its turn is overtaken from another run. */
    private static TurnLane lane(StoreTx tx, TurnLane lane, NewCommand input) {
        RunHead parked = input.type() != CommandType.TURN || input.onBusy() != OnBusy.INTERRUPT || lane.active() == null
                ? null
                : lane.active().run();
        String taskId = parked == null
                        || parked.status() != RunStatus.WAITING
                        || parked.id().equals(lane.run().id())
                ? null
                : parked.taskId();
        QueueTask task =
                taskId == null ? null : tx.lockTask(taskId, LockMode.WAIT).orNull();
        return task == null ? lane : lane.with(task);
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
        List<Command> found = context.backend()
                .read(reads -> reads.commands(id, after, size))
                .orElseThrow(() -> new NotFoundException("run", id));
        List<Command> items = found.subList(0, PageBytes.COMMANDS.fitting(found));
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
                                given,
                                PageBytes.MOST));
        return seen == null ? new CommandDelivery(LeaseSignal.CONTINUE, List.of(), null) : seen;
    }

    @Override
    public Map<String, ItemAnswer<CommandDelivery>> awaitAny(WaitSet<SeenCommands> waits, Duration timeout) {
        WaitSet<SeenCommands> given = Require.given("waits", waits);
        Duration wait = context.intake().timeout(timeout);
        given.entries().forEach((runId, seen) -> {
            if (!seen.fence().runId().equals(runId)) {
                throw new InvalidInputException("waits", "must have a fence of each run beside its id");
            }
        });
        Waits<SeenCommands, CommandDelivery> call = new Waits<>(given, 'c', Commands::news);
        Map<String, ItemAnswer<CommandDelivery>> seen = context.backend().awaitAny(call, wait, call::look);
        return seen == null ? Map.of() : seen;
    }

    private static Map<String, ItemAnswer<CommandDelivery>> news(StoreReads reads, Map<String, SeenCommands> seen) {
        Map<String, Deliverable> found = reads.deliverables(seen.keySet(), MOST_OF_RUN);
        Map<String, ItemAnswer<CommandDelivery>> news = new HashMap<>();
        long share = PageBytes.MOST / Math.max(1, found.size());
        seen.forEach((runId, known) -> {
            Deliverable each = found.get(runId);
            if (each == null) {
                news.put(runId, ItemAnswer.refused(new NotFoundException("run", runId)));
                return;
            }
            CommandDelivery delivery = delivery(each, known.fence(), Long.MAX_VALUE);
            if (delivery != null && isNew(delivery, known)) {
                news.put(runId, ItemAnswer.done(unseen(delivery, known, share)));
            }
        });
        return news;
    }

    private static boolean isNew(CommandDelivery delivery, SeenCommands known) {
        boolean commands = delivery.commands().stream()
                .anyMatch(command -> !known.commandIds().contains(command.id()));
        return switch (delivery.signal()) {
            case LEASE_LOST, ENDED -> true;
            case CANCEL_REQUESTED -> commands || !known.cancelRequested();
            case CONTINUE -> commands;
        };
    }

    private static CommandDelivery unseen(CommandDelivery delivery, SeenCommands known, long most) {
        List<Command> commands = delivery.commands().stream()
                .filter(command -> !known.commandIds().contains(command.id()))
                .toList();
        List<Command> fitting = commands.subList(0, PageBytes.COMMANDS.fitting(commands, most));
        return new CommandDelivery(delivery.signal(), fitting, delivery.cancelRequest());
    }

    private static @Nullable CommandDelivery delivery(Deliverable found, Fence fence, long most) {
        RunHead run = found.run();
        List<Command> commands = found.commands().subList(0, PageBytes.COMMANDS.fitting(found.commands(), most));
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
        return context.backend().write(tx -> acknowledge(tx, context, given, id, LockMode.WAIT));
    }

    static Command acknowledge(StoreTx tx, Context context, Fence fence, String commandId, LockMode mode) {
        Locked<StoredRun> run = tx.lockRun(fence.runId(), mode);
        Command command = toAcknowledge(tx, run, fence, commandId);
        RunHead head = run.orThrow("run", fence.runId()).head();
        Change change = CommandRules.acknowledge(CommandHead.of(command), head, fence, tx.now());
        tx.write(change, context.ids());
        return after(change, command);
    }

    /** Returns the command; that its run is there is looked at first. */
    static Command toAcknowledge(StoreTx tx, Locked<StoredRun> run, Fence fence, String commandId) {
        run.orThrow("run", fence.runId());
        return tx.findCommand(commandId).orElseThrow(() -> new NotFoundException("command", commandId));
    }

    @Override
    public List<ItemAnswer<Command>> acknowledgeAll(List<Acknowledgement> acknowledgements) {
        return batches.acknowledgements(context.intake().many("acknowledgements", acknowledgements));
    }

    @Override
    public Command finish(Fence fence, String commandId, TurnResult result) {
        Fence given = Require.given("fence", fence);
        String id = context.intake().id("commandId", commandId);
        TurnResult kept = context.intake().result(result);
        return steps.finish(given, id, kept);
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String id = context.intake().id("commandId", commandId);
        String kept = context.intake().reason(reason);
        return context.backend().write(tx -> {
            CommandEnd seen = tx.lockCommandEnd(id).orThrow("command", id);
            Change change = CommandRules.cancel(seen.view(), kept, tx.now());
            tx.write(change, context.ids());
            return after(change, seen.command());
        });
    }

    static Command after(Change change, Command before) {
        for (CommandHead next : change.replaced().commands()) {
            if (next.id().equals(before.id())) {
                return next.applyTo(before);
            }
        }
        return before;
    }
}
