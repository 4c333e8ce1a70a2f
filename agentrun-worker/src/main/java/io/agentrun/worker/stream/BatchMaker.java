package io.agentrun.worker.stream;

import io.agentrun.event.NewEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of what waited in the buffer, in its order. Text that belongs together is redacted together; its end may be held
 * back until the next batch, but nothing of another source passes it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BatchMaker {

    private final StringBuilder text = new StringBuilder();

    /** The source of the text that is under way, which may hold something back. */
    private @Nullable TextStream source;

    /** Returns the events of the entries, and with {@code all} of what was held back too. */
    List<NewEvent> make(List<Entry> entries, boolean all) {
        List<NewEvent> events = new ArrayList<>();
        for (Entry entry : entries) {
            TextStream stream = entry.stream();
            if (stream != source) {
                release(events);
                source = stream;
            }
            if (entry.event() != null) {
                events.add(entry.event());
            } else {
                text.append(entry.text());
                if (entry.ended()) {
                    text.append('\n');
                }
            }
        }
        if (all) {
            release(events);
        } else if (source != null) {
            pass(events);
            source.pause(events);
        }
        return events;
    }

    /** Returns whether text is held back. */
    boolean holds() {
        return source != null && source.holds();
    }

    private void pass(List<NewEvent> to) {
        if (source != null && text.length() > 0) {
            source.take(text.toString(), to);
            text.setLength(0);
        }
    }

    private void release(List<NewEvent> to) {
        pass(to);
        if (source != null) {
            source.release(to);
        }
    }
}
