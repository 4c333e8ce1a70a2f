package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Locked;
import io.agentrun.backend.ReadSets.CommandEnd;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.SharedRun;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.RunKey;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.NewCommand;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.Fence;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What changes a run with its session and its commands: its end, that of a command, and a new command, for one caller or for several who
 * meet. Thread-safe.
 */
final class RunSteps {

    private final Context context;
    private final Function<Step, Done> steps;

    RunSteps(Context context) {
        this.context = context;
        this.steps = context.backend().sharing(new Sharing());
    }

    /** Ends the turn as its runner says, and its run with it if no other turn waits. */
    FinishedTurn finishTurn(Fence fence, String commandId, TurnResult result) {
        String runId = fence.runId();
        BiFunction<TurnEnd, Instant, Change> rule = (seen, now) ->
                CommandRules.finishTurn(seen.view(), CommandHead.of(named(seen.turn(), commandId)), fence, result, now);
        Done done = steps.apply(new Step(
                new RunKey(runId, commandId, true),
                0,
                tx -> {
                    TurnEnd seen = tx.lockTurnEnd(runId, commandId).orThrow("run", runId);
                    return done(seen, write(tx, rule.apply(seen, tx.now())));
                },
                (shared, now) -> rule.apply(shared.end(), now)));
        return done.turn(commandId);
    }

    /** Writes what the rule decides about the run and everything that its end touches; returns the run as it is then. */
    Run end(String runId, BiFunction<RunView, Instant, Change> rule) {
        Done done = steps.apply(new Step(
                new RunKey(runId, null, true),
                0,
                tx -> {
                    RunEnd seen = tx.lockRunEnd(runId).orThrow("run", runId);
                    return new Done(write(tx, rule.apply(seen.view(), tx.now())), seen.run(), null, null);
                },
                (shared, now) -> rule.apply(shared.end().view(), now)));
        return Runs.after(done.change(), Objects.requireNonNull(done.run()));
    }

    /** Ends the command as its runner says. */
    Command finish(Fence fence, String commandId, TurnResult result) {
        Done done = steps.apply(new Step(
                new RunKey(fence.runId(), commandId, false),
                0,
                tx -> finish(tx, fence, commandId, result),
                (shared, now) -> isOwn(shared) ? CommandRules.finish(shared.command(), fence, result, now) : null));
        return Commands.after(done.change(), named(done.command(), commandId));
    }

    private static boolean isOwn(SharedRun shared) {
        Command command = shared.end().turn();
        return command != null && command.runId().equals(shared.end().run().id());
    }

    /** Looks for the run before the command. */
    private Done finish(StoreTx tx, Fence fence, String commandId, TurnResult result) {
        CommandEnd seen = tx.lockCommandEnd(commandId).orNull();
        String runId = fence.runId();
        boolean named = seen != null && seen.command().runId().equals(runId);
        if (!named && tx.findRun(runId).isEmpty()) {
            throw new NotFoundException("run", runId);
        }
        if (seen == null) {
            throw new NotFoundException("command", commandId);
        }
        Change change = CommandRules.finish(seen.view(), fence, result, tx.now());
        return new Done(write(tx, change), null, seen.command(), null);
    }

    /**
     * Creates the command, which has no key.
     *
     * @param alone what creates it for a caller who is alone
     */
    Command create(
            String runId, NewCommand input, String commandId, String interruptId, Function<StoreTx, Command> alone) {
        Done done = steps.apply(new Step(
                new RunKey(runId, null, false),
                input.payload().sizeAtMost(),
                tx -> new Done(Change.none(), null, alone.apply(tx), null),
                (shared, now) -> {
                    TurnLane lane = shared.lane(input);
                    return lane == null ? null : CommandRules.create(lane, input, commandId, interruptId, now);
                }));
        Command command = done.command();
        return command == null ? Commands.created(done.change(), commandId) : command;
    }

    private Change write(StoreTx tx, Change change) {
        tx.write(change, context.ids());
        return change;
    }

    private static Command named(@Nullable Command command, String commandId) {
        if (command == null) {
            throw new NotFoundException("command", commandId);
        }
        return command;
    }

    private static Done done(TurnEnd seen, Change change) {
        return new Done(change, seen.run(), seen.turn(), seen.next());
    }

    /**
     * What one caller wants. Immutable.
     *
     * @param alone what does it for one who is alone, and writes it
     * @param rule what decides for one of several, and may be asked several times; null if that cannot be told from what they share
     */
    private record Step(
            RunKey key,
            long bytes,
            Function<StoreTx, Done> alone,
            BiFunction<SharedRun, Instant, @Nullable Change> rule) {}

    /** What was written, and what was seen before. Immutable. */
    private record Done(
            Change change,
            @Nullable Run run,
            @Nullable Command command,
            @Nullable Command next) {

        FinishedTurn turn(String commandId) {
            Run after = Runs.after(change, Objects.requireNonNull(run));
            return new FinishedTurn(
                    Commands.after(change, named(command, commandId)),
                    after,
                    after.isTerminal() || next == null ? null : Commands.after(change, next));
        }
    }

    private final class Sharing implements SharedStep<Step, Done> {

        @Override
        public String key(Step step) {
            return step.key().runId();
        }

        @Override
        public long bytes(Step step) {
            return step.bytes();
        }

        @Override
        public Done alone(StoreTx tx, Step step) {
            return step.alone().apply(tx);
        }

        @Override
        public List<Attempt<Done>> together(StoreTx tx, List<Step> batch) {
            List<Locked<SharedRun>> seen =
                    tx.lockRuns(batch.stream().map(Step::key).toList());
            List<@Nullable Done> members = new ArrayList<>(batch.size());
            Set<String> touched = new HashSet<>();
            for (int i = 0; i < batch.size(); i++) {
                members.add(member(tx, batch.get(i), seen.get(i).orNull(), touched));
            }
            return context.write(tx, members, Done::change);
        }

        /** Returns null for one that is not free, is refused, or shares a record with one before it. */
        private static @Nullable Done member(StoreTx tx, Step step, @Nullable SharedRun seen, Set<String> touched) {
            if (seen == null) {
                return null;
            }
            Run run = seen.end().run();
            String sessionId = run.sessionId();
            boolean ownRun = touched.add("run " + run.id());
            boolean ownSession = sessionId == null || touched.add("session " + sessionId);
            if (!ownRun || !ownSession) {
                return null;
            }
            try {
                Change change = step.rule().apply(seen, tx.now());
                return change == null ? null : done(seen.end(), change);
            } catch (AgentRunException e) {
                return null; // Alone, it is told why.
            }
        }
    }
}
