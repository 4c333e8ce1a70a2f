package io.agentrun.tck.script;

import io.agentrun.CommandStore;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.model.TurnResult;
import io.agentrun.tck.script.Side.FenceChoice;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps that create, deliver and end commands. */
final class CommandSteps {

    private final Dice dice;

    CommandSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        int roll = dice.below(100);
        if (roll < 27) {
            return turn(dice.run());
        } else if (roll < 36) {
            return create(dice.run(), dice.percent(60) ? NewCommand.steer(payload()) : NewCommand.interrupt(payload()));
        } else if (roll < 41) {
            return list();
        } else if (roll < 53) {
            return await(dice.run());
        } else if (roll < 73) {
            return acknowledge(dice.run());
        } else if (roll < 90) {
            return finish(dice.run());
        } else if (roll < 97) {
            return cancel();
        }
        String command = dice.command(dice.run());
        return Step.of("get " + command, side -> side.store().commands().get(side.id(command)));
    }

    private JsonObject payload() {
        return JsonObject.of("prompt", "do  " + dice.below(3) + "\nnow");
    }

    Step turn(String run) {
        return create(
                run,
                NewCommand.turn(payload())
                        .withOnBusy(
                                switch (dice.below(5)) {
                                    case 0 -> OnBusy.REJECT;
                                    case 1 -> OnBusy.INTERRUPT;
                                    default -> OnBusy.ENQUEUE;
                                }));
    }

    private Step create(String run, NewCommand command) {
        String variable = dice.command(run);
        NewCommand keyed = dice.percent(20) ? command.withIdempotencyKey(dice.key()) : command;
        String expected = command.onBusy() == OnBusy.ENQUEUE && dice.percent(20) ? dice.command(run) : null;
        String text = variable + " := create in " + run + " " + keyed + ", expecting " + expected;
        return Step.of(
                text,
                side -> side.put(
                        variable,
                        side.store().commands().create(side.id(run), expecting(keyed, side.idOrNull(expected)))));
    }

    private static NewCommand expecting(NewCommand command, @Nullable String expected) {
        return expected == null ? command : command.expecting(expected);
    }

    private Step list() {
        String run = dice.run();
        int after = dice.below(4);
        int limit = dice.page();
        return Step.of(
                "commands of " + run + " after " + after + ", at most " + limit,
                side -> side.store().commands().list(side.id(run), after, limit));
    }

    /** The first command that is delivered becomes the value of the variable. */
    Step await(String run) {
        String variable = dice.command(run);
        FenceChoice fence = ScriptWriter.fence(dice);
        int limit = dice.page();
        String text = variable + " := what is delivered to " + run + " " + ScriptWriter.words(fence) + ", of " + limit;
        return Step.of(text, side -> {
            CommandDelivery delivery = side.store().commands().await(side.fence(run, fence), limit, Duration.ZERO);
            delivery.commands().stream().limit(1).forEach(command -> side.put(variable, command));
            return delivery;
        });
    }

    /** A runner's call on one command, with the fence of the command's run or of another. */
    private interface Report {
        @Nullable
        Object on(CommandStore commands, Fence fence, String commandId);
    }

    private Step report(String run, String what, Report report) {
        String command = dice.command(run);
        FenceChoice fence = ScriptWriter.fence(dice);
        if (dice.percent(8)) {
            return Step.of(
                    what + " " + command + " with the fence of " + run,
                    side -> report.on(side.store().commands(), side.fence(run, fence), side.id(command)));
        }
        return Step.of(
                what + " " + command + " " + ScriptWriter.words(fence),
                side -> report.on(side.store().commands(), side.fenceOfCommand(command, fence), side.id(command)));
    }

    Step acknowledge(String run) {
        return report(run, "acknowledge", CommandStore::acknowledge);
    }

    Step finish(String run) {
        TurnResult result = dice.result();
        return report(run, "finish with " + result, (commands, fence, id) -> commands.finish(fence, id, result));
    }

    private Step cancel() {
        String command = dice.command(dice.run());
        return Step.of("cancel " + command, side -> side.store().commands().cancel(side.id(command), "not any more"));
    }

    /** Every command of the run with that number in the script. */
    static Step all(int run) {
        return Step.of(
                "in the end, all commands of run " + (run + 1),
                side -> side.store().commands().list(List.copyOf(side.runs()).get(run), 0, 500));
    }
}
