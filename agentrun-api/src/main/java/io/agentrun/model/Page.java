package io.agentrun.model;

import io.agentrun.check.Require;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list for people, in that list's own order.
 *
 * <p>Going on with {@link #nextCursor()} shows nothing twice and skips nothing that stays where it is; a record that moves
 * in the order between two pages may be seen twice or not at all. Where every change must be seen, use a feed
 * ({@link ChangePage}).
 *
 * <p>A page has as many records as were asked for, unless it is the last one or its records would have more than 8 MiB of JSON
 * together; then it has fewer, one at least.
 *
 * <p>Immutable.
 *
 * @param items the records of this page; may be empty
 * @param nextCursor what to ask the next page with, the other arguments unchanged; null on the last page
 */
public record Page<T>(List<T> items, @Nullable String nextCursor) {

    public Page {
        items = List.copyOf(Require.given("items", items));
    }

    /** Returns whether there is a page after this one. */
    public boolean hasNext() {
        return nextCursor != null;
    }
}
