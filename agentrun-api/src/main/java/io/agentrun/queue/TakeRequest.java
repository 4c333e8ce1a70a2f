package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;

/**
 * How many tasks a worker would take, which, and for how long it would wait for them.
 *
 * <p>Make one with {@link #by} and the withers. Immutable.
 *
 * @param runnerId who takes them, and will hold their leases
 * @param filter which tasks
 * @param lease how long each lease is to be, within the store's limits (100 milliseconds to 24 hours unless set otherwise); 2
 *     minutes unless given
 * @param n the most tasks, 1 to {@value #MAX_TASKS}; 1 unless given
 * @param timeout how long to wait while there is none, up to the store's {@code maxWait} (1 hour unless set otherwise); zero,
 *     as it is unless given, looks once
 */
public record TakeRequest(
        String runnerId,
        DispatchRequest filter,
        @AsText Duration lease,
        int n,
        @AsText Duration timeout) {

    /** The most tasks that one call takes. */
    public static final int MAX_TASKS = 100;

    /** How long a lease is unless the request says otherwise: a store that is away for half of it stops no agent. */
    public static final Duration DEFAULT_LEASE = Duration.ofMinutes(2);

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if the runner's id breaks the rule for ids, the filter is null, the number is out of range,
     *     the lease is null, zero or negative, or the timeout is null or negative
     */
    public TakeRequest {
        Texts.id("runnerId", runnerId);
        Require.given("filter", filter);
        Require.given("lease", lease);
        if (lease.isNegative() || lease.isZero()) {
            throw new InvalidInputException("lease", "must be longer than zero");
        }
        Require.between("n", n, 1, MAX_TASKS);
        if (Require.given("timeout", timeout).isNegative()) {
            throw new InvalidInputException("timeout", "must not be negative");
        }
    }

    /**
     * Returns the request for one task that the filter accepts, with a lease of {@link #DEFAULT_LEASE}, without waiting.
     *
     * @throws InvalidInputException if the runner's id breaks the rule for ids or the filter is null
     */
    public static TakeRequest by(String runnerId, DispatchRequest filter) {
        return new TakeRequest(runnerId, filter, DEFAULT_LEASE, 1, Duration.ZERO);
    }

    /**
     * Returns a copy with another length of the leases.
     *
     * @throws InvalidInputException if it is null, zero or negative
     */
    public TakeRequest withLease(Duration value) {
        return new TakeRequest(runnerId, filter, value, n, timeout);
    }

    /**
     * Returns a copy for at most so many tasks.
     *
     * @throws InvalidInputException if it is less than 1 or more than {@value #MAX_TASKS}
     */
    public TakeRequest withN(int value) {
        return new TakeRequest(runnerId, filter, lease, value, timeout);
    }

    /**
     * Returns a copy that waits so long while there is no task.
     *
     * @throws InvalidInputException if it is null or negative
     */
    public TakeRequest withTimeout(Duration value) {
        return new TakeRequest(runnerId, filter, lease, n, value);
    }
}
