package io.agentrun.error;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything that agentrun throws on purpose.
 *
 * <p>Catch a leaf where you can do something about what it names; catch this one at the edge of the host, and answer
 * with {@link #httpStatus()}, {@link #code()}, {@link #failureKind()}, the message and {@link #details()}: none of them
 * holds a secret. The code says which exception it is ({@code not-found}); the failure kind is the coarser word that
 * the records of runs and tasks share ({@code schema-invalid} for most refusals). An operation that throws has changed
 * nothing, with one exception: after {@link StoreUnavailableException} the outcome of a write may be unknown, which is
 * what idempotency keys and repeatable operations are for.
 *
 * <p>Immutable.
 */
public abstract class AgentRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind failureKind;
    private final int httpStatus;
    private final boolean retryable;
    private final LinkedHashMap<String, Serializable> facts;

    /**
     * Makes an exception with everything that a host needs to answer for it.
     *
     * @param failureKind the wire name of what failed
     * @param httpStatus the status that a host's HTTP layer should answer with, 400 to 599
     * @param retryable whether the same call may succeed later without anything else being done
     * @param message for people; without secrets and without values that came from outside, ids excepted
     * @param facts what {@link #details()} shows: strings, numbers and booleans as they are, everything else as its
     *     string; entries whose value is null are left out
     * @param cause what led to it, or null
     */
    protected AgentRunException(
            FailureKind failureKind,
            int httpStatus,
            boolean retryable,
            String message,
            Map<String, ? extends @Nullable Object> facts,
            @Nullable Throwable cause) {
        super(message, cause);
        this.failureKind = failureKind;
        this.httpStatus = httpStatus;
        this.retryable = retryable;
        this.facts = copy(facts);
    }

    @SuppressWarnings("NonApiType") // the field must be a serialisable type
    private static LinkedHashMap<String, Serializable> copy(Map<String, ? extends @Nullable Object> facts) {
        LinkedHashMap<String, Serializable> copy = new LinkedHashMap<>();
        facts.forEach((name, value) -> {
            if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
                copy.put(name, (Serializable) value);
            } else if (value != null) {
                copy.put(name, value.toString());
            }
        });
        return copy;
    }

    /** Returns facts for a constructor of a leaf: pairs of name and value, in order; a null value is left out. */
    protected static Map<String, @Nullable Object> facts(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            facts.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return facts;
    }

    /**
     * Returns the name of this kind of exception: lower case, words joined by hyphens, the same for every instance of
     * the class and in every version, and no other class's. It is what a host writes into its problem details and what
     * a client of the host decides by. All codes are listed in {@code docs/errors.md}.
     */
    public abstract String code();

    /** Returns what failed, by its wire name; never {@code null}. */
    public final FailureKind failureKind() {
        return failureKind;
    }

    /** Returns the status that fits this failure in a host's HTTP answer, 400 to 599. */
    public final int httpStatus() {
        return httpStatus;
    }

    /**
     * Returns whether the same call, unchanged, may succeed later. False means that something else has to happen first: another
     * argument, another call, a repair.
     */
    public final boolean retryable() {
        return retryable;
    }

    /**
     * Returns the facts of this failure, fit to be shown to whoever made the call: names to strings, numbers and
     * booleans, in a fixed order, unmodifiable. Every JSON mapper writes it as an object.
     */
    public final Map<String, Object> details() {
        return Collections.unmodifiableMap(facts);
    }
}
