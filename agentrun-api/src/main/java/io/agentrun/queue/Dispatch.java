package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.run.Run;

/**
 * A task that was taken from the queue, with the run and the turn made for it.
 *
 * <p>Immutable.
 *
 * @param task the task, running now
 * @param run its new run, which waits for a runner
 * @param turn the run's first turn
 */
public record Dispatch(QueueTask task, Run run, Command turn) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Dispatch {
        task = Require.given("task", task);
        run = Require.given("run", run);
        turn = Require.given("turn", turn);
    }
}
