package io.agentrun.postgres;

import io.agentrun.model.ChangePage;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.FeedTable.Entry;
import io.agentrun.postgres.internal.query.FeedTable.Horizon;
import io.agentrun.postgres.internal.query.FeedTable.Position;
import io.agentrun.engine.Cursors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change feed page by page. A cursor holds the generation of the feed and a place in it; one of another generation,
 * or from beyond the end of what this cluster has written, was given out by another database, and begins anew: it repeats
 * rather than misses.
 */
final class Feed<T> {

    private final String kind;
    private final FeedTable<T> table;

    Feed(String kind, FeedTable<T> table) {
        this.kind = kind;
        this.table = table;
    }

    private record Cursor(long generation, Position at) {}

    /** The page behind the cursor, in one round trip as a rule. */
    ChangePage<T> page(Database database, TenantScope scope, @Nullable String cursor, int limit) {
        Cursor after = cursor == null ? null : decode(scope, cursor);
        return database.once(tx -> {
            Script script = new Script();
            Script.Rows<Horizon> end = table.horizon(script);
            Script.Rows<Entry<T>> rows =
                    table.page(script, scope, after == null ? Position.START : after.at(), limit + 1L);
            tx.execute(script);
            Horizon horizon = end.first().orElseThrow();
            if (after != null && foreign(after, horizon)) {
                script = new Script();
                end = table.horizon(script);
                rows = table.page(script, scope, Position.START, limit + 1L);
                tx.execute(script);
                horizon = end.first().orElseThrow();
            }
            return page(scope, horizon, rows.all(), limit);
        });
    }

    private static boolean foreign(Cursor cursor, Horizon horizon) {
        return cursor.generation() != horizon.generation() || cursor.at().xid() > horizon.horizon();
    }

    private ChangePage<T> page(TenantScope scope, Horizon horizon, List<Entry<T>> found, int limit) {
        boolean more = found.size() > limit;
        List<Entry<T>> shown = more ? found.subList(0, limit) : found;
        Position seen =
                shown.isEmpty() ? Position.START : shown.get(shown.size() - 1).at();
        // Where nothing more is there for this reader, it need not look again at what is there for others.
        Position end = new Position(horizon.horizon(), 0);
        Position next = !more && end.isAfter(seen) ? end : seen;
        return new ChangePage<>(
                shown.stream().map(Entry::item).toList(), encode(scope, horizon.generation(), next), more);
    }

    private String encode(TenantScope scope, long generation, Position at) {
        List<String> keys = List.of(Cursors.key(generation), Cursors.key(at.xid()), Cursors.key(at.version()));
        return Cursors.encode(kind, scope.fingerprint(), keys);
    }

    private Cursor decode(TenantScope scope, String cursor) {
        List<String> keys = Cursors.decode(kind, scope.fingerprint(), 3, cursor);
        return new Cursor(
                Cursors.number(keys.get(0)), new Position(Cursors.number(keys.get(1)), Cursors.number(keys.get(2))));
    }

    /**
     * Mends the feeds of a database that was restored from a copy; costs one round trip each where there is nothing to mend.
     * To be called when a store is opened.
     */
    static void mend(Database database) {
        mend(database, FeedTable.SESSIONS);
        mend(database, FeedTable.TASKS);
    }

    private static void mend(Database database, FeedTable<?> feed) {
        boolean moved = database.once(tx -> {
            Script script = new Script();
            Script.Rows<Boolean> found = feed.moved(script);
            tx.execute(script);
            return found.first().orElse(false);
        });
        if (!moved) {
            return;
        }
        database.inTransaction(tx -> {
            Script look = new Script();
            feed.lock(look);
            Script.Rows<Boolean> still = feed.moved(look);
            tx.execute(look);
            if (still.first().orElse(false)) {
                tx.execute(feed.mend(new Script()));
            }
            return null;
        });
    }
}
