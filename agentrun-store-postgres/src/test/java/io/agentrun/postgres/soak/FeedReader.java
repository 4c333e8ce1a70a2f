package io.agentrun.postgres.soak;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.ChangePage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One reader of one feed, from its start to the end after the last write.
 *
 * <p>Not thread-safe: one thread at a time; what it has seen is for others when it has ended.
 */
final class FeedReader<T> implements Runnable {

    private static final long PAUSE_NANOS = 10_000_000;

    private final Function<@Nullable String, ChangePage<T>> feed;
    private final Function<T, String> id;
    private final ToLongFunction<T> version;
    private final Consumer<T> shown;
    private final AtomicBoolean over;
    private final Map<String, Long> seen = new HashMap<>();
    private final Map<String, Long> since = new HashMap<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private int restarts;
    private long longestGap;

    FeedReader(
            Function<@Nullable String, ChangePage<T>> feed,
            Function<T, String> id,
            ToLongFunction<T> version,
            Consumer<T> shown,
            AtomicBoolean over) {
        this.feed = feed;
        this.id = id;
        this.version = version;
        this.shown = shown;
        this.over = over;
    }

    @Override
    public void run() {
        try {
            read();
        } catch (RuntimeException | Error e) {
            faults.add("a reader of a feed ended: " + e);
        }
    }

    private void read() {
        String cursor = null;
        long answered = System.nanoTime();
        while (true) {
            boolean last = over.get();
            try {
                ChangePage<T> page = feed.apply(cursor);
                longestGap = Math.max(longestGap, System.nanoTime() - answered);
                answered = System.nanoTime();
                cursor = page.cursor();
                if (page.restarted()) {
                    restarts++;
                    since.clear();
                }
                page.items().forEach(this::see);
                if (last && !page.more()) {
                    return;
                }
                if (!page.more()) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (StoreUnavailableException e) {
                if (!e.retryable()) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void see(T item) {
        long number = version.applyAsLong(item);
        Long before = since.put(id.apply(item), number);
        if (before != null && before > number) {
            faults.add("a feed showed version " + before + " of " + id.apply(item) + " and then " + number);
        }
        seen.put(id.apply(item), number);
        shown.accept(item);
    }

    /** Says what is stored and was not shown in its version, and what went wrong while reading. */
    List<String> faults(List<T> stored) {
        for (T item : stored) {
            Long last = seen.get(id.apply(item));
            if (last == null || last != version.applyAsLong(item)) {
                faults.add("a feed never showed version " + version.applyAsLong(item) + " of " + id.apply(item)
                        + ", but " + last);
            }
        }
        return faults;
    }

    /** How often it went back after a server had taken over. */
    int restarts() {
        return restarts;
    }

    /** How long it was without an answer at most. */
    long longestGapMillis() {
        return longestGap / 1_000_000;
    }
}
