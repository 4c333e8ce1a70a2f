package io.agentrun.example;

import io.agentrun.model.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Reads a list to its end. Thread-safe. */
public final class Pages {
    private Pages() {}

    /** Returns the items of all pages of the query. */
    public static <Q, T> List<T> all(Q first, Function<Q, Page<T>> list, BiFunction<Q, String, Q> withCursor) {
        List<T> items = new ArrayList<>();
        Page<T> page = list.apply(first);
        items.addAll(page.items());
        for (String cursor = page.nextCursor(); cursor != null; cursor = page.nextCursor()) {
            page = list.apply(withCursor.apply(first, cursor));
            items.addAll(page.items());
        }
        return items;
    }
}
