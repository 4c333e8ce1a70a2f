package io.agentrun.engine;

import io.agentrun.model.Page;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pages by keys: the item after the last one of a page is read too, and tells that there is a next page.
 *
 * @param kind names the list in its cursors
 * @param keyCount how many sort keys the list has
 * @param keysOf the sort keys of an item
 */
record Pages<T>(String kind, int keyCount, Function<T, List<String>> keysOf) {

    /** Returns the keys in the cursor; none without a cursor. */
    List<String> after(String fingerprint, @Nullable String cursor) {
        return cursor == null ? List.of() : Cursors.decode(kind, fingerprint, keyCount, cursor);
    }

    Page<T> page(String fingerprint, int limit, List<T> found) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<String> last = keysOf.apply(found.get(limit - 1));
        return new Page<>(found.subList(0, limit), Cursors.encode(kind, fingerprint, last));
    }

    /** Reads a page: the input is checked first. */
    Page<T> read(
            Context context,
            String fingerprint,
            @Nullable String cursor,
            int limit,
            BiFunction<List<String>, Integer, Function<io.agentrun.backend.StoreReads, List<T>>> look) {
        int size = context.intake().page(limit);
        List<String> after = after(fingerprint, cursor);
        return page(fingerprint, size, context.backend().read(look.apply(after, size + 1)));
    }
}
