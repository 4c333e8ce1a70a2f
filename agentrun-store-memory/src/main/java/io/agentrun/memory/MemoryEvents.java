package io.agentrun.memory;

import io.agentrun.EventStore;
import io.agentrun.check.Require;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.rules.Emission;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunRules;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The events of the store in memory. */
final class MemoryEvents implements EventStore {

    private final Engine.Handle engine;

    MemoryEvents(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
        Fence given = Require.given("fence", fence);
        List<NewEvent> kept = engine.intake().events(events);
        return engine.write(tx -> {
            Run run = tx.require(given.runId()).run();
            LeaseRules.requireHolder(run, given);
            return append(tx, run, kept);
        });
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        String id = engine.intake().id("runId", runId);
        List<NewEvent> kept = engine.intake().events(events);
        return engine.write(tx -> append(tx, tx.require(id).run(), kept));
    }

    private static List<RunEvent> append(Tx tx, Run run, List<NewEvent> events) {
        RunRules.requireOpen(run);
        List<RunEvent> appended = new ArrayList<>(events.size());
        for (NewEvent event : events) {
            appended.add(tx.append(new Emission(run.id(), event.type(), event.payload())));
        }
        return List.copyOf(appended);
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        return await(runId, afterSeq, limit, Duration.ZERO);
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        String id = engine.intake().id("runId", runId);
        long after = engine.intake().afterSeq(afterSeq);
        int size = engine.intake().page(limit);
        Duration wait = engine.intake().timeout(timeout);
        EventPage seen = engine.await(Signals.events(id), wait.toNanos(), state -> {
            EventPage page = page(Tx.require(state, id), after, size);
            return page.items().isEmpty() && !page.ended() ? null : page;
        });
        return seen == null ? new EventPage(id, List.of(), after, false) : seen;
    }

    private static EventPage page(RunEntry entry, long after, int limit) {
        List<RunEvent> items = Slices.after(entry.events, after, limit);
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        boolean ended = entry.run().isTerminal() && next >= entry.events.size();
        return new EventPage(entry.run().id(), items, next, ended);
    }
}
