package io.agentrun.rules;

import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;

/**
 * What runners and hosts may append.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class EventRules {

    private EventRules() {}

    /**
     * Refuses an event that looks like one of the store's own (E-6), so that a reader may believe those.
     *
     * @throws InvalidInputException naming {@code phase}, if it is a {@code backend_status} whose phase only the store writes
     */
    public static void requireForeign(NewEvent event) {
        if (event.type() == EventType.BACKEND_STATUS
                && event.payload()
                        .string(StreamEvents.PHASE)
                        .filter(StreamEvents.PHASES::contains)
                        .isPresent()) {
            throw new InvalidInputException("phase", "is one that only the store writes");
        }
    }
}
