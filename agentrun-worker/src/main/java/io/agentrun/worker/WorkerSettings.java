package io.agentrun.worker;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.queue.DispatchRequest;
import java.time.Duration;

/**
 * What a worker was told. Immutable.
 *
 * @param slots how many agents work at once
 * @param lease how long a lease is
 * @param parkAfter how long an agent that resumes waits for an answer before its run is parked
 * @param stopGrace how long an agent may take to end after it was asked to, and again after its thread was interrupted
 */
record WorkerSettings(
        String runnerId, DispatchRequest filter, int slots, Duration lease, Duration parkAfter, Duration stopGrace) {

    private static final int MOST_SLOTS = 1_000;
    private static final long LONGEST_TAKE_NANOS = 10_000_000_000L;

    WorkerSettings {
        Require.between("slots", slots, 1, MOST_SLOTS);
        positive("lease", lease);
        positive("stopGrace", stopGrace);
        if (Require.given("parkAfter", parkAfter).isNegative()) {
            throw new InvalidInputException("parkAfter", "must not be negative");
        }
    }

    private static void positive(String field, Duration value) {
        if (Require.given(field, value).isNegative() || value.isZero()) {
            throw new InvalidInputException(field, "must be longer than zero");
        }
    }

    /** How often leases are extended: twice before an agent would be stopped. */
    Duration heartbeat() {
        return lease.dividedBy(3);
    }

    /** How long before the end of its lease an agent is stopped. */
    Duration margin() {
        return lease.dividedBy(5);
    }

    /** How often the worker looks whether a lease is about to end. */
    Duration check() {
        return lease.dividedBy(20);
    }

    /** How long one take waits. A lease is counted from the moment the call began, so that this is little beside it. */
    Duration takeWait() {
        return Duration.ofNanos(Math.min(LONGEST_TAKE_NANOS, lease.toNanos() / 10));
    }
}
