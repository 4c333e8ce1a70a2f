package io.agentrun.postgres;

import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads.FeedSlice;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.FeedHorizon;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.FeedTable.Changed;
import io.agentrun.postgres.internal.query.FeedTable.PageRow;
import io.agentrun.postgres.internal.query.FeedTable.Place;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change feed page by page. A position may mean nothing any more: one of another generation, or of transactions that have
 * not begun, was given out by another database, and the feed is then read from its start. A server that has taken over goes on
 * at the last mark of the timeline that the position is of: what was written before the mark was written alike on both, and what
 * the new server writes has later ids. Either way records are repeated, and none is missed.
 */
final class ChangeFeed {

    private ChangeFeed() {}

    /** Reads what changed after the position: in one round trip, unless the position is another server's. */
    static <T> FeedSlice<T> read(Tx tx, FeedTable<T> table, TenantScope scope, @Nullable String position, int limit) {
        FeedPosition after = position == null ? null : FeedPosition.parse(position);
        if (after == null) {
            return look(tx, table, scope, FeedPosition.start(0, ""), limit).slice(false);
        }
        Look<T> first = look(tx, table, scope, after, limit);
        FeedPosition from = first.place.from(after, first.horizon);
        return from.equals(after)
                ? first.slice(false)
                : look(tx, table, scope, from, limit).slice(true);
    }

    private static <T> Look<T> look(Tx tx, FeedTable<T> table, TenantScope scope, FeedPosition after, int limit) {
        Script script = new Script();
        Script.Rows<Place> place = table.place(script, after.timeline());
        Script.Rows<PageRow<T>> rows = table.page(script, scope, after, limit + 1L);
        tx.read(script);
        return new Look<>(place.first().orElseThrow(), after, rows.all(), limit, table.bytes());
    }

    /** A page as it was found. */
    private static final class Look<T> {
        private final Place place;
        private final FeedPosition after;
        private final FeedHorizon horizon;
        private final List<Changed<T>> found;
        private final int limit;
        private final long all;
        private final PageBytes<T> bytes;

        private Look(Place place, FeedPosition after, List<PageRow<T>> rows, int limit, PageBytes<T> bytes) {
            this.place = place;
            this.after = after;
            this.horizon = rows.get(0).horizon();
            this.found =
                    rows.stream().map(PageRow::changed).filter(Objects::nonNull).toList();
            this.limit = limit;
            this.all = rows.get(0).found();
            this.bytes = bytes;
        }

        /** Returns as many records as the page has, those among them that cannot be read. */
        private List<Changed<T>> shown() {
            List<Changed<T>> most = found.size() > limit ? found.subList(0, limit) : found;
            List<T> items = items(most);
            int fitting = bytes.fitting(items);
            if (fitting == items.size()) {
                return most;
            }
            T first = items.get(fitting);
            int end = 0;
            while (most.get(end).item() != first) {
                end++;
            }
            return most.subList(0, end);
        }

        private static <T> List<T> items(List<Changed<T>> changed) {
            return changed.stream().map(Changed::item).filter(Objects::nonNull).toList();
        }

        private FeedSlice<T> slice(boolean restarted) {
            List<Changed<T>> shown = shown();
            boolean more = all > shown.size();
            FeedPosition seen = at(after.xid(), after.version());
            if (!shown.isEmpty()) {
                Changed<T> last = shown.get(shown.size() - 1);
                seen = at(last.xid(), last.version());
            }
            // After the last page the reader goes on at the horizon, also behind records of other tenants; never back.
            FeedPosition end = at(horizon.xid(), 0);
            FeedPosition next = !more && end.isAfter(seen) ? end : seen;
            return new FeedSlice<>(items(shown), next.text(), more, restarted);
        }

        private FeedPosition at(long xid, long version) {
            return new FeedPosition(place.generation(), place.timeline(), xid, version);
        }
    }

    /**
     * Repairs the feeds of a database that was restored from a copy; called when a store is opened. Where there is nothing to
     * repair, it costs one round trip for each feed.
     */
    static void repair(Database database) {
        repair(database, FeedTable.SESSIONS);
        repair(database, FeedTable.TASKS);
        repair(database, FeedTable.QUESTIONS);
    }

    private static void repair(Database database, FeedTable<?> feed) {
        boolean moved = database.once(tx -> {
            Script script = feed.script();
            Script.Rows<Boolean> found = feed.moved(script);
            tx.execute(script);
            return found.first().orElse(false);
        });
        if (!moved) {
            return;
        }
        database.inTransaction(tx -> {
            Script look = feed.script();
            feed.lock(look);
            Script.Rows<Boolean> still = feed.moved(look);
            tx.execute(look);
            if (still.first().orElse(false)) {
                tx.execute(feed.repair(feed.script()));
            }
            return null;
        });
    }

    /** All readers of both feeds begin anew, in one transaction. */
    static void restart(Database database) {
        database.inTransaction(tx -> {
            for (FeedTable<?> feed : List.of(FeedTable.SESSIONS, FeedTable.TASKS, FeedTable.QUESTIONS)) {
                Script script = feed.script();
                feed.lock(script);
                tx.execute(feed.repair(script));
            }
            return null;
        });
    }

    /** Marks how far the feeds have come, unless that was done within the last minute. */
    static Upkeep mark(Database database) {
        return database.once(tx -> {
            Script script = new Script();
            Script.Rows<Boolean> marked = FeedTable.mark(script);
            tx.execute(script);
            return new Upkeep(marked.first().isPresent(), 0, 0);
        });
    }
}
