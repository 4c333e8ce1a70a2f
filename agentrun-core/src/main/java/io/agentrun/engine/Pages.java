package io.agentrun.engine;

import io.agentrun.backend.Cursors;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreReads.FeedSlice;
import io.agentrun.check.Require;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pages by keys: the item after the last one of a page is read too, and tells that there is a next page.
 *
 * @param kind names the list in its cursors
 * @param keyCount how many sort keys the list has
 * @param bytes how large an item is
 * @param keysOf the sort keys of an item
 */
record Pages<T>(String kind, int keyCount, PageBytes<T> bytes, Function<T, List<String>> keysOf) {

    /** Returns the keys in the cursor; none without a cursor. */
    List<String> after(String fingerprint, @Nullable String cursor) {
        return cursor == null ? List.of() : Cursors.decode(kind, fingerprint, keyCount, cursor);
    }

    Page<T> page(String fingerprint, int limit, List<T> found) {
        List<T> most = found.size() > limit ? found.subList(0, limit) : found;
        int shown = bytes.fitting(most);
        if (shown == found.size()) {
            return new Page<>(found, null);
        }
        List<String> last = keysOf.apply(found.get(shown - 1));
        return new Page<>(found.subList(0, shown), Cursors.encode(kind, fingerprint, last));
    }

    /**
     * Reads a page: the input is checked first. Without a query, because a tenant view shows nothing of what was asked for, the
     * page is empty, and no cursor is one of it.
     *
     * @param query what is asked for, as far as the store shows it
     */
    <Q> Page<T> read(
            Context context,
            Optional<Q> query,
            Function<Q, String> fingerprint,
            @Nullable String cursor,
            int limit,
            Look<Q, T> look) {
        int size = context.intake().page(limit);
        Q shown = query.orElse(null);
        String bound = shown == null ? ViewScope.NOTHING : fingerprint.apply(shown);
        List<String> after = after(bound, cursor);
        return page(
                bound,
                size,
                context.backend().read(reads -> shown == null ? List.of() : look.read(reads, shown, after, size + 1)));
    }

    /** How a backend reads a list. */
    interface Look<Q, T> {
        List<T> read(StoreReads reads, Q query, List<String> after, int limit);
    }

    /**
     * Change feeds: the position in a cursor is the backend's.
     *
     * @param kind names the feed in its cursors
     */
    record Feeds<T>(String kind, Slices<T> slices) {

        /** How a backend reads a feed. */
        interface Slices<T> {
            FeedSlice<T> read(StoreReads reads, TenantScope scope, @Nullable String position, int limit);
        }

        ChangePage<T> page(Context context, TenantScope scope, @Nullable String cursor, int limit) {
            TenantScope shown =
                    context.scope().narrow(Require.given("scope", scope)).orElse(null);
            int size = context.intake().page(limit);
            String bound = shown == null ? ViewScope.NOTHING : shown.fingerprint();
            String position = cursor == null
                    ? null
                    : Cursors.decode(kind, bound, 1, cursor).get(0);
            FeedSlice<T> slice = context.backend()
                    .read(reads -> shown == null
                            ? new FeedSlice<>(List.of(), "", false, false)
                            : slices.read(reads, shown, position, size));
            return new ChangePage<>(
                    slice.items(),
                    Cursors.encode(kind, bound, List.of(slice.position())),
                    slice.more(),
                    slice.restarted());
        }
    }
}
