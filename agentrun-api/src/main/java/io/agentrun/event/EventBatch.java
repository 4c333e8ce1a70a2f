package io.agentrun.event;

import io.agentrun.check.Require;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events that are appended together, all or none. With a number the append may be repeated when its answer was lost: a store
 * remembers the last numbered batch of each epoch.
 *
 * <p>Make one with {@link #of} or {@link #numbered}. Immutable.
 *
 * @param number rises from batch to batch within an epoch, 1 or more, gaps allowed; null for a batch that must not be repeated
 * @param events the events, in order
 */
public record EventBatch(@Nullable Long number, List<NewEvent> events) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws io.agentrun.error.InvalidInputException if the number is less than 1, or the list or an event is null
     */
    public EventBatch {
        if (number != null) {
            Require.between("number", number, 1, Long.MAX_VALUE);
        }
        events = Require.items("events", events);
    }

    /** Returns a batch without a number: a second append of it appends the events again. */
    public static EventBatch of(List<NewEvent> events) {
        return new EventBatch(null, events);
    }

    /** Returns a batch with a number: a second append of it, next after the first, returns what the first has stored. */
    public static EventBatch numbered(long number, List<NewEvent> events) {
        return new EventBatch(number, events);
    }
}
