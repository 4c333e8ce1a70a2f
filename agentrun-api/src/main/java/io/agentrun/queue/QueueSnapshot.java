package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;

/**
 * A queue at a glance: counts and what is at its head, read in one snapshot.
 *
 * <p>Immutable.
 *
 * @param stats the counts
 * @param items the first 20 tasks in the order of {@link QueueQuery}, in whatever state; fewer where they have more than 8 MiB of JSON
 *     together, one at least
 */
public record QueueSnapshot(QueueStats stats, List<QueueTask> items) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QueueSnapshot {
        stats = Require.given("stats", stats);
        items = Require.items("items", items);
    }
}
