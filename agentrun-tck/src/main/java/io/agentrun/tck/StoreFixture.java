package io.agentrun.tck;

import io.agentrun.AgentRunStore;
import java.time.Duration;
import java.util.List;

/**
 * An adapter's side of the kit: two instances of its store on the same, empty data, and control over their time.
 *
 * <p>The kit asks for a new fixture before each test, and for more where a test plays many scripts; it closes each of them.
 * Stores are built with their default limits and ticker, and the standard redactor. Used by one thread at a time; the stores it gives are used by many.
 */
public interface StoreFixture extends AutoCloseable {

    /** What the report calls the store, such as {@code memory} or {@code postgres 18}. */
    String name();

    /** The store under test; the same one at every call until {@link #reopen()}. */
    AgentRunStore store();

    /**
     * A second instance on the same data, as another process of the host would open it; the same one at every call until
     * {@link #reopen()}, and never the one of {@link #store()}.
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
     * Stops the time of both instances: from now on it moves by {@link #advance} only. The kit asks for it before each test, and
     * proves that it is so; expiries that are met exactly, and records of one time, are seen in no other way. Does nothing
     * unless given, for a fixture whose time stands still from the beginning.
     */
    default void freeze() {}

    /**
     * Makes calls that wait depend on signals: neither instance looks again by itself within half an hour, so that a lost
     * wake-up is seen. Asked for before the stores are used; {@link #store()} and {@link #second()} may give other
     * instances afterwards. Does nothing unless given, for a store that never polls. A fixture whose store can only poll
     * {@linkplain #declarations() declares} it.
     */
    default void stopPolling() {}

    /** What becomes of the data when all instances are closed. */
    enum Persistence {
        /** Everything is there again. */
        KEPT,
        /** Nothing is kept, by design: the new instances are like those of a new fixture. */
        NOTHING_KEPT
    }

    /**
     * Closes both instances, and opens two new ones on the same data as a host does that starts again; {@link #store()} and
     * {@link #second()} give these from now on. Time, and whether it stands still, stay as they are.
     *
     * @return what the kit has to find in the new instances; the report repeats that a store keeps nothing
     * @throws UnsupportedOperationException unless given, so that the tests of persistence fail and none is left out
     */
    default Persistence reopen() {
        throw new UnsupportedOperationException("StoreFixture.reopen: the kit has to see what a reopened store holds");
    }

    /** Whether a store can lose its database while it is open. */
    enum Reach {
        /** It is cut off now. */
        CUT_OFF,
        /** There is nothing between the store and its data, or nothing that a fixture could cut. */
        ALWAYS_THERE
    }

    /**
     * Makes the database unreachable for both instances, from now until {@link #restore}: connections that are open end, new ones are
     * refused at once.
     *
     * @return whether it is so; the report repeats that a store is always there
     * @throws UnsupportedOperationException unless given, so that the tests of outages fail and none is left out
     */
    default Reach cutOff() {
        throw new UnsupportedOperationException("StoreFixture.cutOff: the kit has to see a store without its database");
    }

    /** Lets both instances reach the database again; asked for after {@link #cutOff} only, and before the fixture is closed. */
    default void restore() {}

    /** How long the stores may take after {@link #restore} until they work again, such as a pool that pauses; 20 s unless given. */
    default Duration recoversWithin() {
        return Duration.ofSeconds(20);
    }

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
