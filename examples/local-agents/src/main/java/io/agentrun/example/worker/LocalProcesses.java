package io.agentrun.example.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Agents as processes of this machine, each the command line of its task. Thread-safe. */
public final class LocalProcesses implements Runners {
    private final AgentRunStore store;
    private final Scheduler scheduler = ThreadScheduler.ofThreads(1);

    /** Processes for the runs of this store. */
    public LocalProcesses(AgentRunStore store) {
        this.store = store;
    }

    @Override
    public String placement() {
        return "local";
    }

    @Override
    public Agent start(RunLease held, Command turn) throws IOException {
        String runId = held.fence().runId();
        String taskId = held.run().taskId();
        try {
            String scratch = Scratch.of(taskId == null ? runId : taskId).toString();
            return CommandLine.start(
                    turn.payload().string("command").orElse(""),
                    Map.of("AGENTRUN_RUN_ID", runId, "AGENTRUN_SCRATCH", scratch),
                    scheduler);
        } catch (IOException e) {
            throw new IOException("cannot start a shell", e);
        }
    }

    /** A process of this machine dies with its worker's, or is as good as dead: the lease alone decides. */
    @Override
    public Map<String, String> recover(ExpiredQuery query) {
        Map<String, String> done = new LinkedHashMap<>();
        for (Recovery recovery : store.leases().recoverExpired(query)) {
            done.put(recovery.runId(), recovery.outcome().wire());
        }
        return done;
    }
}
