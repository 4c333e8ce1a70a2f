package io.agentrun.benchmark.scenario.write;

import io.agentrun.AgentRunStore;
import io.agentrun.EventStore;
import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import java.util.Collections;
import java.util.List;

/** Appends to some runs in turn. */
public final class Appender implements Client {

    private final EventStore events;
    private final List<Fence> runs;
    private final List<NewEvent> batch;
    private int next;

    /** Appends batches of so many events, one run after the other. */
    public Appender(AgentRunStore store, List<Fence> runs, int batch) {
        this.events = store.events();
        this.runs = runs;
        this.batch = Collections.nCopies(batch, Given.EVENT);
    }

    @Override
    public boolean once() {
        events.append(runs.get(next), batch);
        next = (next + 1) % runs.size();
        return true;
    }
}
