package io.agentrun.worker.stream;

import io.agentrun.event.NewEvent;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a writer's buffer: an event as it is, or a piece of text.
 *
 * <p>Immutable.
 *
 * @param event the event, or null for text
 * @param stream where the text belongs, or null for an event
 * @param text the text without its line end; empty for an event
 * @param ended whether a line end follows the text
 * @param bytes how much of the buffer it takes
 */
record Entry(@Nullable NewEvent event, @Nullable TextStream stream, String text, boolean ended, int bytes) {

    /** What an entry takes besides its content. */
    private static final int OVERHEAD = 64;

    static Entry of(NewEvent event) {
        return new Entry(event, null, "", false, event.payload().sizeInBytes() + OVERHEAD);
    }

    static Entry of(TextStream stream, String text, boolean ended) {
        return new Entry(null, stream, text, ended, text.length() + OVERHEAD);
    }
}
