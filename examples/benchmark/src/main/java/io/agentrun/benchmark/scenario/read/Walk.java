package io.agentrun.benchmark.scenario.read;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Ways through pages. */
final class Walk {

    private Walk() {}

    /** The cursor that leads to the page with this number, from 0 on. */
    static <T> @Nullable String to(int page, Function<@Nullable String, Page<T>> read) {
        String cursor = null;
        for (int i = 0; i < page; i++) {
            cursor = read.apply(cursor).nextCursor();
            if (cursor == null) {
                throw new IllegalStateException("there is no page " + page + " but only " + i);
            }
        }
        return cursor;
    }

    /** A client that reads the same page again and again, which must be as long as is said. */
    static <T> Client of(@Nullable String cursor, int size, Function<@Nullable String, Page<T>> read) {
        return () -> {
            if (read.apply(cursor).items().size() != size) {
                throw new IllegalStateException("a page is short");
            }
            return true;
        };
    }

    /** A client that reads one page of changes after the other, and begins again when it has caught up. */
    static <T> Client through(Function<@Nullable String, ChangePage<T>> read) {
        return new Client() {
            private @Nullable String cursor;

            @Override
            public boolean once() {
                ChangePage<T> page = read.apply(cursor);
                if (cursor == null && page.items().isEmpty()) {
                    throw new IllegalStateException("there are no changes");
                }
                cursor = page.more() ? page.cursor() : null;
                return true;
            }
        };
    }
}
