package io.agentrun.postgres;

import io.agentrun.EventStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.AppendStatements.Appended;
import io.agentrun.postgres.internal.table.EventQueries;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunRules;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The events of the store on PostgreSQL. */
final class PostgresEvents implements EventStore {

    private final Engine engine;
    private final AppendSender sender;

    PostgresEvents(Engine engine) {
        this.engine = engine;
        this.sender = new AppendSender(engine.database());
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
        Fence given = Require.given("fence", fence);
        List<NewEvent> kept = engine.intake().events(events);
        return append(given.runId(), given, kept);
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        String id = engine.intake().id("runId", runId);
        List<NewEvent> kept = engine.intake().events(events);
        return append(id, null, kept);
    }

    /** One statement numbers and inserts; where its guard does not hold, the rule says why. */
    private List<RunEvent> append(String runId, @Nullable Fence fence, List<NewEvent> events) {
        List<String> ids = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            ids.add(engine.ids().next(IdSource.EVENT));
        }
        while (true) {
            Appended appended = sender.append(new AppendSender.Append(runId, fence, ids, events));
            if (appended != null) {
                return appended(runId, ids, events, appended);
            }
            Run run = engine.database().once(tx -> PostgresRuns.find(tx, runId)).run();
            if (fence != null) {
                LeaseRules.requireHolder(run, fence);
            }
            RunRules.requireOpen(run);
        }
    }

    private static List<RunEvent> appended(String runId, List<String> ids, List<NewEvent> events, Appended appended) {
        List<RunEvent> stored = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            NewEvent event = events.get(i);
            stored.add(new RunEvent(
                    ids.get(i), runId, appended.before() + i + 1, event.type(), event.payload(), appended.at()));
        }
        return List.copyOf(stored);
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        String id = engine.intake().id("runId", runId);
        long after = engine.intake().afterSeq(afterSeq);
        int size = engine.intake().page(limit);
        return engine.database().once(tx -> page(tx, id, after, size));
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        String id = engine.intake().id("runId", runId);
        long after = engine.intake().afterSeq(afterSeq);
        int size = engine.intake().page(limit);
        Duration wait = engine.intake().timeout(timeout);
        EventPage seen = engine.database().await(Signals.events(id), wait, () -> {
            EventPage page = engine.database().once(tx -> page(tx, id, after, size));
            return page.items().isEmpty() && !page.ended() ? null : page;
        });
        return seen == null ? new EventPage(id, List.of(), after, false) : seen;
    }

    private static EventPage page(Tx tx, String runId, long after, int limit) {
        Script script =
                new Script().bind("run_id", runId).bind("after_seq", after).bind("limit", limit);
        Script.Rows<EventQueries.Line> rows = script.query(EventQueries.PAGE, EventQueries::line);
        tx.execute(script);
        if (rows.all().isEmpty()) {
            throw new NotFoundException("run", runId);
        }
        List<RunEvent> items = new ArrayList<>(rows.all().size());
        for (EventQueries.Line line : rows.all()) {
            if (line.event() != null) {
                items.add(line.event());
            }
        }
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        EventQueries.Line first = rows.all().get(0);
        return new EventPage(runId, items, next, first.terminal() && next >= first.last());
    }
}
