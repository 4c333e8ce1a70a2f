package io.agentrun;

import io.agentrun.model.TraceContext;
import java.util.Optional;

/**
 * Hears of each call of a store when it has ended, and if it wants when it begins, for a host's metrics. Given to the builder of a store.
 *
 * <p>It is told on the caller's own thread, before the call and after the call has its outcome, and never under a lock of the store. Only inside of
 * a transaction of the host ({@code in(…)} of the PostgreSQL store) that transaction is still open. It must be thread-safe, and
 * should not take long: the caller waits for it. What it throws is logged (at most once a minute) and changes nothing for the
 * caller.
 *
 * <p>A call that another one makes inside of the library is not told of: one call of the host, one record. What
 * {@link AgentRunStore} itself offers (health, upkeep, views, close) is not told of either.
 */
@FunctionalInterface
public interface StoreListener {

    /** Hears nothing. A store that has it pays nothing for listening. */
    StoreListener NONE = call -> {};

    /**
     * Takes note of a call that begins, on the thread that {@link #ended} will be called on; between the two the thread does the call and
     * nothing else of the host's. Does nothing unless overridden.
     *
     * @param store as {@link StoreCall#store}
     * @param operation as {@link StoreCall#operation}
     */
    default void begins(String store, String operation) {}

    /**
     * Returns the trace in which the call under way was made, for the runs and tasks that it creates; their agents go on with it. Asked
     * between {@link #begins} and {@link #ended}, on their thread, of calls that create some; what the host has put into a trace itself
     * stays in that. Empty unless overridden.
     */
    default Optional<TraceContext> trace() {
        return Optional.empty();
    }

    /** Takes note of a call that has returned or thrown. */
    void ended(StoreCall call);
}
