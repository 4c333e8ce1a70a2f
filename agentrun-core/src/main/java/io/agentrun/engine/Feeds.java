package io.agentrun.engine;

import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreReads.FeedSlice;
import io.agentrun.check.Require;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.model.ChangePage;
import io.agentrun.model.TenantScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        String position =
                cursor == null ? null : Cursors.decode(kind, bound, 1, cursor).get(0);
        FeedSlice<T> slice = context.backend()
                .read(reads -> shown == null
                        ? new FeedSlice<>(List.of(), "", false, false)
                        : slices.read(reads, shown, position, size));
        return new ChangePage<>(
                slice.items(), Cursors.encode(kind, bound, List.of(slice.position())), slice.more(), slice.restarted());
    }
}
