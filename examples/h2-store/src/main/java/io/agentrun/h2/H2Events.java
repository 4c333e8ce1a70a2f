package io.agentrun.h2;

import io.agentrun.Require;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventStore;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.rules.Emission;
import io.agentrun.rules.Intake;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunRules;
import io.agentrun.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The room of events. Thread-safe. */
record H2Events(Database db, Intake in) implements EventStore {

    @Override
    public List<RunEvent> append(Fence given, List<NewEvent> events) {
        Fence fence = Require.given("fence", given);
        List<NewEvent> redacted = in.events(events);
        return db.write(tx -> {
            Run run = Table.RUNS.get(tx, fence.runId());
            LeaseRules.requireHolder(run, fence);
            return append(tx, run, redacted);
        });
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        String id = in.id("runId", runId);
        List<NewEvent> redacted = in.events(events);
        return db.write(tx -> append(tx, Table.RUNS.get(tx, id), redacted));
    }

    private List<RunEvent> append(Tx tx, Run run, List<NewEvent> events) {
        RunRules.requireOpen(run);
        List<Emission> emissions = events.stream()
                .map(event -> new Emission(run.id(), event.type(), event.payload()))
                .toList();
        return Changes.append(tx, run.id(), emissions);
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        String id = in.id("runId", runId);
        long after = in.afterSeq(afterSeq);
        int most = in.page(limit);
        return db.read(tx -> page(tx, id, after, most));
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        String id = in.id("runId", runId);
        long after = in.afterSeq(afterSeq);
        int most = in.page(limit);
        Duration patience = in.timeout(timeout);
        return db.await(
                patience,
                tx -> page(tx, id, after, most),
                page -> page.ended() || !page.items().isEmpty());
    }

    private static EventPage page(Tx tx, String runId, long after, int limit) {
        Run run = Table.RUNS.get(tx, runId);
        List<RunEvent> items = after(tx, runId, "seq > ?", after, limit);
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        return new EventPage(runId, items, next, ended(tx, run, next));
    }

    /** The run's events after a number, as far as the condition, which has the number as its parameter, lets them pass. */
    static List<RunEvent> after(Tx tx, String runId, String condition, long after, int limit) {
        return tx.list(
                row -> new RunEvent(
                        row.getString("id"),
                        runId,
                        row.getLong("seq"),
                        EventType.fromWire("type", row.getString("type")),
                        JsonObject.parse(row.getString("payload")),
                        row.getObject("created_at", Instant.class)),
                // The run is always the same; named in the order, it makes that the primary key's.
                "SELECT id, seq, type, payload, created_at FROM events WHERE run_id = ? AND " + condition
                        + " ORDER BY run_id, seq LIMIT ?",
                runId,
                after,
                limit);
    }

    /** Whether nothing will ever follow the number, as of the transaction's one moment. */
    static boolean ended(Tx tx, Run run, long seq) {
        return run.isTerminal() && seq >= Views.lastEvent(tx, run.id());
    }
}
