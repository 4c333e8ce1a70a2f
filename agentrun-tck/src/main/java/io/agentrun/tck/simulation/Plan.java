package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What befalls the hosts of one simulation.
 *
 * <p>Confined to its simulation.
 */
interface Plan {

    /** Starts machines, and sees to it that tasks come and things go wrong. */
    void begin(AgentRunStore store);

    /** Returns how long leases are. */
    Duration lease();

    /** Returns how often an answer is lost, 0 to 1. */
    double lostAnswers();

    /** Returns what the agent of a task does, from a source that is always the same for the task. */
    Work work(SplittableRandom own);

    /** Returns the tasks that have come by now. */
    List<String> taskIds();

    /** Returns whether all tasks have come and ended. */
    boolean isDone();
}
