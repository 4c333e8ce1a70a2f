package io.agentrun;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a store that has ended: what was called, how long it took, and why it failed if it did. It holds no value of the
 * host's, so that it can be counted and logged as it is.
 *
 * @param store which part of the store, such as {@code events}: the name of the accessor in {@link AgentRunStore}
 * @param operation the name of the method, such as {@code append}
 * @param nanos how long it took in nanoseconds, 0 or more; of a waiting call with the wait
 * @param failure null if it returned; otherwise {@link io.agentrun.error.AgentRunException#code()} of what it threw, or
 *     {@code unexpected} for an exception that is none of the library's
 */
public record StoreCall(
        String store,
        String operation,
        long nanos,
        @Nullable String failure) {

    /** What {@link #failure} says of an exception that is none of the library's. */
    public static final String UNEXPECTED = "unexpected";

    /**
     * Makes the record.
     *
     * @throws InvalidInputException if store or operation is not given, or {@code nanos} is below 0
     */
    public StoreCall {
        Require.given("store", store);
        Require.given("operation", operation);
        Require.between("nanos", nanos, 0, Long.MAX_VALUE);
    }

    /** Returns store and operation as one name, such as {@code events.append}: few and known before, as a metric's tag should be. */
    public String name() {
        return store + "." + operation;
    }

    /** Returns why the call failed, if it did. */
    public Optional<String> failed() {
        return Optional.ofNullable(failure);
    }
}
