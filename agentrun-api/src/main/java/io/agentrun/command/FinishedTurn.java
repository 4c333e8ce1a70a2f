package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.run.Run;
import org.jspecify.annotations.Nullable;

/**
 * A turn that has ended, and what its runner does next.
 *
 * <p>Immutable.
 *
 * @param turn the turn, ended
 * @param run its run: ended with it, unless {@code next} is given
 * @param next the run's next open turn, to be acknowledged and worked on; null if the run has ended. One that is not deliverable
 *     waits behind a turn of another run of the session: a runner that has nothing else to do with the run releases it.
 */
public record FinishedTurn(Command turn, Run run, @Nullable Command next) {

    public FinishedTurn {
        Require.given("turn", turn);
        Require.given("run", run);
    }
}
