package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of objects as they were read, or all pages together.
 *
 * <p>Immutable.
 *
 * @param items the objects, by name; may be fewer than were asked for, also when there is a next page
 * @param nextCursor what to ask the next page with, null on the last page
 * @param skipped objects that could not be read: too large by themselves, or without what every object has
 */
public record ObjectPage<T>(List<T> items, @Nullable String nextCursor, List<SkippedObject> skipped) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a list is missing
     */
    public ObjectPage {
        items = Require.items("items", items);
        skipped = Require.items("skipped", skipped);
    }
}
