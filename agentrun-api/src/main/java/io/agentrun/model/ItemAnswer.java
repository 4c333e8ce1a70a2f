package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;

/**
 * What became of one item of a call for many: what the same call for this item alone would have returned, or thrown. One item
 * that is refused stops none of the others.
 *
 * <p>Immutable.
 */
public sealed interface ItemAnswer<T> {

    /** The item was done. Immutable. */
    record Done<T>(T value) implements ItemAnswer<T> {

        public Done {
            Require.given("value", value);
        }
    }

    /** The item was refused, and nothing of it was written. Immutable. */
    record Refused<T>(AgentRunException error) implements ItemAnswer<T> {

        public Refused {
            Require.given("error", error);
        }
    }

    /** Returns the answer for an item that was done. */
    static <T> ItemAnswer<T> done(T value) {
        return new Done<>(value);
    }

    /** Returns the answer for an item that was refused. */
    static <T> ItemAnswer<T> refused(AgentRunException error) {
        return new Refused<>(error);
    }

    /**
     * Returns what the call for this item alone would have returned.
     *
     * @throws AgentRunException if the item was refused
     */
    default T orThrow() {
        if (this instanceof Refused<T> refused) {
            throw refused.error();
        }
        return ((Done<T>) this).value();
    }
}
