package io.agentrun.postgres;

import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.AppendStatements;
import io.agentrun.postgres.internal.table.AppendStatements.Appended;
import io.agentrun.postgres.internal.table.LeaseStatements;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Appends of callers that meet, sent together: each leaves its events in a line, and whoever has the line's turn sends all
 * that stand there in one statement. A caller that meets nobody sends its own at once. A run is always in the same line, so
 * that its events keep the order in which they came.
 *
 * <p>Thread-safe.
 */
final class AppendLine {

    private static final int MAX_EVENTS = 1_000;

    private final Database database;
    private final ConcurrentLinkedQueue<Item> waiting = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();

    AppendLine(Database database) {
        this.database = database;
    }

    /** One caller's events; its outcome is written and read under the line's lock. */
    private static final class Item {
        private final String runId;
        private final @Nullable Fence fence;
        private final List<String> ids;
        private final List<NewEvent> events;
        private boolean settled;
        private @Nullable Appended appended;
        private @Nullable RuntimeException failure;

        private Item(String runId, @Nullable Fence fence, List<String> ids, List<NewEvent> events) {
            this.runId = runId;
            this.fence = fence;
            this.ids = ids;
            this.events = events;
        }
    }

    /** Returns where the events stand; null if the run's guard does not hold. */
    @Nullable
    Appended append(String runId, @Nullable Fence fence, List<String> ids, List<NewEvent> events) {
        Item mine = new Item(runId, fence, ids, events);
        waiting.add(mine);
        turn.lock();
        try {
            if (!mine.settled) {
                send(next(mine));
            }
        } finally {
            turn.unlock();
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
        // Passed over because its row was locked, or refused by the guard: alone it waits, and learns which.
        return mine.appended != null ? mine.appended : alone(mine);
    }

    /** Those that stand in the line, up to a limit, and the caller among them. */
    private List<Item> next(Item mine) {
        List<Item> taken = new ArrayList<>();
        int events = mine.events.size();
        taken.add(mine);
        waiting.remove(mine);
        for (Item item = waiting.peek(); item != null; item = waiting.peek()) {
            events += item.events.size();
            if (events > MAX_EVENTS) {
                break;
            }
            taken.add(item);
            waiting.remove(item);
        }
        return taken;
    }

    private void send(List<Item> items) {
        try {
            if (items.size() == 1) {
                Item only = items.get(0);
                only.appended = alone(only);
            } else {
                for (Appended appended : database.once(tx -> together(tx, items))) {
                    items.get((int) appended.item() - 1).appended = appended;
                }
            }
        } catch (RuntimeException e) {
            items.forEach(item -> item.failure = e);
        } finally {
            items.forEach(item -> item.settled = true);
        }
    }

    private @Nullable Appended alone(Item item) {
        return database.once(tx -> alone(tx, item));
    }

    private static @Nullable Appended alone(Tx tx, Item item) {
        Script script = new Script()
                .bind("event_count", item.events.size())
                .bindArray("event_ids", "text", item.ids.toArray())
                .bindArray(
                        "event_types", "text", each(item, event -> event.type().wire()))
                .bindArray(
                        "event_payloads",
                        "text",
                        each(item, event -> event.payload().toJson()));
        if (item.fence == null) {
            script.bind("run_id", item.runId);
        } else {
            LeaseStatements.bind(script, item.fence);
        }
        Script.Rows<Appended> rows = script.query(
                item.fence == null ? AppendStatements.UNFENCED : AppendStatements.FENCED, AppendStatements::appended);
        tx.execute(script);
        if (!rows.all().isEmpty()) {
            tx.signal(Signals.events(item.runId));
        }
        return rows.firstOrNull();
    }

    private static Object[] each(Item item, Function<NewEvent, Object> value) {
        return item.events.stream().map(value).toArray();
    }

    private static List<Appended> together(Tx tx, List<Item> items) {
        List<Object> places = new ArrayList<>();
        List<Object> owners = new ArrayList<>();
        List<Object> ids = new ArrayList<>();
        List<Object> types = new ArrayList<>();
        List<Object> payloads = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            ids.addAll(item.ids);
            for (int n = 0; n < item.events.size(); n++) {
                NewEvent event = item.events.get(n);
                owners.add(i + 1L);
                places.add(n + 1L);
                types.add(event.type().wire());
                payloads.add(event.payload().toJson());
            }
        }
        Script script = new Script()
                .bindArray("run_ids", "text", of(items, item -> item.runId))
                .bindArray("runner_ids", "text", of(items, item -> item.fence == null ? null : item.fence.runnerId()))
                .bindArray("epochs", "bigint", of(items, item -> item.fence == null ? null : item.fence.epoch()))
                .bindArray("event_counts", "bigint", of(items, item -> (long) item.events.size()))
                .bindArray("event_items", "bigint", owners.toArray())
                .bindArray("event_places", "bigint", places.toArray())
                .bindArray("event_ids", "text", ids.toArray())
                .bindArray("event_types", "text", types.toArray())
                .bindArray("event_payloads", "text", payloads.toArray());
        Script.Rows<Appended> rows = script.query(AppendStatements.TOGETHER, AppendStatements::appended);
        tx.execute(script);
        for (Appended appended : rows.all()) {
            tx.signal(Signals.events(items.get((int) appended.item() - 1).runId));
        }
        return rows.all();
    }

    private static @Nullable Object[] of(List<Item> items, Function<Item, @Nullable Object> value) {
        return items.stream().map(value).toArray();
    }
}
