package io.agentrun.backend;

import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.check.Require;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import org.jspecify.annotations.Nullable;

/**
 * A run that a shared transaction has locked, with everything that a new command, the end of one of its commands or, if it may end, its own
 * end touches. Immutable.
 *
 * @param end without the run's task unless the run may end, and without its next turn unless a turn may end with it
 * @param lastCommandSeq the number of the run's last command, 0 for none
 */
public record SharedRun(TurnEnd end, long lastCommandSeq) {

    /** Returns what the rules must see to end the command that was named, which is one of the run. */
    public CommandView command() {
        return view(CommandHead.of(Require.given("turn", end.turn())));
    }

    /** Returns what a new command of the run enters; null if it would change a run that is not locked. */
    public @Nullable TurnLane lane(NewCommand input) {
        RunView view = end.view();
        CommandHead own = firstBeside(null);
        CommandHead other = view.session() == null ? null : view.nextTurn();
        boolean elsewhere = isBefore(other, own);
        if (other != null && elsewhere) {
            return input.onBusy() == OnBusy.INTERRUPT
                    ? null
                    : lane(ReadSets.elsewhere(other, end.run(), view.session()));
        }
        return lane(own == null ? null : view(own));
    }

    private TurnLane lane(@Nullable CommandView active) {
        return new TurnLane(end.view().run(), end.view().session(), lastCommandSeq + 1, active);
    }

    private CommandView view(CommandHead command) {
        RunView view = end.view();
        CommandHead beside = firstBeside(command);
        CommandHead other = view.session() == null ? null : view.nextTurn();
        return new CommandView(
                command,
                view.run(),
                view.openCommands(),
                view.session(),
                isBefore(other, beside) ? other : beside,
                lastCommandSeq + 1,
                view.questions());
    }

    private @Nullable CommandHead firstBeside(@Nullable CommandHead command) {
        return CommandRules.otherTurn(end.view().openCommands(), command);
    }

    private static boolean isBefore(@Nullable CommandHead turn, @Nullable CommandHead that) {
        return turn != null
                && (that == null || turn.order().ordinal() < that.order().ordinal());
    }
}
