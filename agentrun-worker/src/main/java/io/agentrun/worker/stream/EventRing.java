package io.agentrun.worker.stream;

import io.agentrun.event.RunEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * The latest events of a run, without a gap, bounded in bytes; one event stays, however large it is.
 *
 * <p>Not thread-safe: its owner's lock guards it.
 */
final class EventRing {

    /** What an event takes besides its payload, about. */
    private static final long OVERHEAD = 200;

    private final long maxBytes;
    private final ArrayDeque<RunEvent> events = new ArrayDeque<>();
    private long bytes;

    EventRing(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    /** The number of the oldest event that is here. */
    long first() {
        return events.element().seq();
    }

    /** Adds the next event. */
    void add(RunEvent event) {
        events.add(event);
        bytes += size(event);
        while (bytes > maxBytes && events.size() > 1) {
            bytes -= size(events.remove());
        }
    }

    /** The events after this number, at most so many; the first of them is here. */
    List<RunEvent> after(long seq, int limit) {
        long skip = seq + 1 - first();
        List<RunEvent> found = new ArrayList<>();
        // From the end where that is nearer: most readers want what has just come.
        if (skip > events.size() / 2) {
            Iterator<RunEvent> backwards = events.descendingIterator();
            for (long i = events.size() - skip; i > 0; i--) {
                found.add(backwards.next());
            }
            Collections.reverse(found);
            return found.size() > limit ? found.subList(0, limit) : found;
        }
        for (RunEvent event : events) {
            if (skip-- <= 0) {
                found.add(event);
                if (found.size() == limit) {
                    break;
                }
            }
        }
        return found;
    }

    private static long size(RunEvent event) {
        return event.payload().sizeInBytes() + OVERHEAD;
    }
}
