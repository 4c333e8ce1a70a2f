package io.agentrun.example.worker;

import io.agentrun.command.Command;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import java.io.IOException;
import java.util.Map;

/**
 * Where agents run: how one is started, and how the runs of workers that are gone are given to others. Thread-safe.
 */
public interface Runners {
    /** What a worker says of itself when it registers, {@code local} or {@code kubernetes}. */
    String placement();

    /**
     * Starts the agent of the run, which the caller holds, for its turn.
     *
     * @throws IOException if it cannot be started; the message is for people
     */
    Agent start(RunLease held, Command turn) throws IOException;

    /** Recovers the runs whose lease has run out, as far as that is safe now; by run, what was done. */
    Map<String, String> recover(ExpiredQuery query);
}
