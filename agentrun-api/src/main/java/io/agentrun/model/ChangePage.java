package io.agentrun.model;

import io.agentrun.check.Require;
import java.util.List;

/**
 * One page of a feed of changes. A reader that goes on with {@link #cursor()} for ever sees the latest state of every
 * record that has changed, whatever committed late, at least once.
 *
 * <p>Immutable.
 *
 * @param items the records that have changed since the cursor that was given, each in its latest state; may be empty
 * @param cursor what to ask the next page with; always given, also when the page is empty
 * @param more whether more can be read at once; if not, wait a little before asking again
 * @param restarted whether the feed goes on at an earlier position than the cursor that was given, because the database was
 *     restored, or another server has taken over: records are shown again, and versions may be given a second time, so that a
 *     reader forgets the versions that it remembers; always false on the first page
 */
public record ChangePage<T>(List<T> items, String cursor, boolean more, boolean restarted) {

    public ChangePage {
        items = List.copyOf(Require.given("items", items));
        Require.given("cursor", cursor);
    }
}
