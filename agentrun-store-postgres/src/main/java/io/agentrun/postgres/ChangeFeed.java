package io.agentrun.postgres;

import io.agentrun.backend.StoreReads.FeedSlice;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.FeedTable.Changed;
import io.agentrun.postgres.internal.query.FeedTable.Horizon;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change feed page by page. A position of another generation, or from beyond the horizon, was given out by another
 * database: the feed is then read from its start, which repeats records and misses none.
 */
final class ChangeFeed {

    private ChangeFeed() {}

    /** Reads what changed after the position: in one round trip, unless the position is another database's. */
    static <T> FeedSlice<T> read(Tx tx, FeedTable<T> table, TenantScope scope, @Nullable String position, int limit) {
        FeedPosition after = position == null ? null : FeedPosition.parse(position);
        Script script = new Script();
        Script.Rows<Horizon> horizon = table.horizon(script);
        Script.Rows<Changed<T>> rows =
                table.page(script, scope, after == null ? FeedPosition.start(0) : after, limit + 1L);
        tx.read(script);
        Horizon end = horizon.first().orElseThrow();
        if (after != null && isForeign(after, end)) {
            return read(tx, table, scope, null, limit);
        }
        return slice(end, rows.all(), limit);
    }

    private static boolean isForeign(FeedPosition position, Horizon horizon) {
        return position.generation() != horizon.generation() || position.xid() > horizon.xid();
    }

    private static <T> FeedSlice<T> slice(Horizon horizon, List<Changed<T>> found, int limit) {
        boolean more = found.size() > limit;
        List<Changed<T>> shown = more ? found.subList(0, limit) : found;
        FeedPosition seen = FeedPosition.start(horizon.generation());
        if (!shown.isEmpty()) {
            Changed<T> last = shown.get(shown.size() - 1);
            seen = new FeedPosition(horizon.generation(), last.xid(), last.version());
        }
        // After the last page the reader goes on at the horizon, also behind records of other tenants.
        FeedPosition end = new FeedPosition(horizon.generation(), horizon.xid(), 0);
        FeedPosition next = !more && end.isAfter(seen) ? end : seen;
        return new FeedSlice<>(shown.stream().map(Changed::item).toList(), next.text(), more);
    }

    /**
     * Repairs the feeds of a database that was restored from a copy; called when a store is opened. Where there is nothing to
     * repair, it costs one round trip for each feed.
     */
    static void repair(Database database) {
        repair(database, FeedTable.SESSIONS);
        repair(database, FeedTable.TASKS);
    }

    private static void repair(Database database, FeedTable<?> feed) {
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
                tx.execute(feed.repair(new Script()));
            }
            return null;
        });
    }
}
