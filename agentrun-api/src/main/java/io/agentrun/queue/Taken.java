package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.lease.RunLease;
import java.util.List;

/**
 * A task that a worker has taken, with the lease of its run.
 *
 * <p>Immutable.
 *
 * @param task the task, running
 * @param lease the lease of its run
 * @param turns the run's pending turns that may be delivered, by number, not acknowledged yet: one as a rule, none if the host
 *     has cancelled it meanwhile
 */
public record Taken(QueueTask task, RunLease lease, List<Command> turns) {

    public Taken {
        Require.given("task", task);
        Require.given("lease", lease);
        turns = Require.items("turns", turns);
    }
}
