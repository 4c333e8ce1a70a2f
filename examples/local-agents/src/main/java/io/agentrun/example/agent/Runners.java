package io.agentrun.example.agent;

import io.agentrun.worker.Agent;
import io.agentrun.worker.Witness;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Where agents run: what works on a turn, and how the runs of workers that are gone are given to others. Thread-safe.
 */
public interface Runners {
    /** What a worker says of itself when it registers, {@code local} or {@code kubernetes}. */
    String placement();

    /** What works on the turns. */
    Agent agent();

    /**
     * What knows more of an expired lease than that it has expired; empty where the lease alone decides.
     *
     * @param told gets the id of each run that was looked at, and what was done about it
     */
    Optional<Witness> witness(BiConsumer<String, String> told);
}
