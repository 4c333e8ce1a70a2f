package io.agentrun.tck;

import io.agentrun.AgentRunStore;
import java.time.Duration;
import java.util.List;

/**
 * An adapter's side of the kit: two instances of its store on the same, empty data, and a hand on their time.
 *
 * <p>The kit asks for a new fixture before each test, and for more where a test plays many scripts; it closes each of them.
 * Stores are built with their default limits and the standard redactor. Used by one thread at a time; the stores it gives are used by many.
 */
public interface StoreFixture extends AutoCloseable {

    /** What the report calls the store, such as {@code memory} or {@code postgres 18}. */
    String name();

    /** The store under test; the same one at every call. */
    AgentRunStore store();

    /**
     * A second instance on the same data, as another process of the host would open it; the same one at every call, and
     * never the one of {@link #store()}.
     */
    AgentRunStore second();

    /**
     * Moves the time of both instances forward, at once and without waiting. Their time should stand still otherwise: only
     * then do records of one time exist, and expiries that are met exactly, so that wrong ties and wrong bounds are seen. A
     * fixture whose time passes by itself {@linkplain #declarations() declares} it.
     *
     * @param by longer than zero
     */
    void advance(Duration by);

    /**
     * What the kit cannot show of this store because of its fixture, a sentence each; the report repeats it. The kit leaves
     * nothing out because of a declaration. None unless given.
     */
    default List<String> declarations() {
        return List.of();
    }

    /** Closes both instances and drops the data. */
    @Override
    void close();
}
