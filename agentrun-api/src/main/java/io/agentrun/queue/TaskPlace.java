package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;

/**
 * Where a task waits. Tasks are taken by priority, then age, then id.
 *
 * <p>Immutable.
 *
 * @param queue the queue (1..200 characters)
 * @param lane a part of the queue (1..200 characters), {@code default} unless given
 * @param priority higher goes first: -1,000,000 to 1,000,000, 0 unless given
 */
public record TaskPlace(String queue, String lane, int priority) {

    /** The lane of a task that names none. */
    public static final String DEFAULT_LANE = "default";

    /** The lowest priority. */
    public static final int MIN_PRIORITY = -1_000_000;

    /** The highest priority. */
    public static final int MAX_PRIORITY = 1_000_000;

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public TaskPlace {
        queue = Texts.label("queue", queue);
        lane = Texts.label("lane", lane);
        priority = Require.between("priority", priority, MIN_PRIORITY, MAX_PRIORITY);
    }

    /**
     * Returns the place in the default lane of the queue, with priority 0.
     *
     * @throws InvalidInputException when the queue is not named by 1 to 200 plain characters
     */
    public static TaskPlace in(String queue) {
        return new TaskPlace(queue, DEFAULT_LANE, 0);
    }

    /**
     * Returns a copy with another {@code lane}: a part of the queue (1..200 characters), {@code default} unless given.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public TaskPlace withLane(String lane) {
        return new TaskPlace(queue, lane, priority);
    }

    /**
     * Returns a copy with another {@code priority}: higher goes first: -1,000,000 to 1,000,000, 0 unless given.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public TaskPlace withPriority(int priority) {
        return new TaskPlace(queue, lane, priority);
    }
}
