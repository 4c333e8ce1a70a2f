package io.agentrun.backend;

import java.util.List;

/**
 * A step that callers who meet may carry out in one transaction. It touches nothing but its {@code StoreTx}, and may run several
 * times and on another caller's thread.
 *
 * <p>Thread-safe.
 *
 * @param <I> what a caller gives
 * @param <T> what it gets
 */
public interface SharedStep<I, T> {

    /** Returns what the input locks, so that no two transactions at work wait for each other. */
    String key(I input);

    /** Returns how much the input holds in memory, about; 0 for one that is always small. */
    default long bytes(I input) {
        return 0;
    }

    /** Carries it out for one input, waiting for its locks. */
    T alone(StoreTx tx, I input);

    /**
     * Carries it out for several inputs, each of which locks with {@code SKIP}. An input that meets a lock of another
     * transaction, a record of an input before it, or a rule that refuses it writes nothing, and is contended: its caller carries it
     * out alone.
     *
     * @return for each input, in their order, done or contended
     */
    List<Attempt<T>> together(StoreTx tx, List<I> inputs);
}
