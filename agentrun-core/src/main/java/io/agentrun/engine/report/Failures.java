package io.agentrun.engine.report;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;

/** Tells what stops one item of a batch from what stops all of them. Thread-safe. */
public final class Failures {

    private Failures() {}

    /**
     * Returns whether the failure is one of this very item: another transaction holds it, or a record of it cannot be read. The
     * batch then goes on with the next one.
     */
    public static boolean isOfOneItem(StoreUnavailableException failure) {
        return switch (failure.reason()) {
            case LOCK_TIMEOUT, CORRUPT, CONFLICT -> true;
            default -> false;
        };
    }

    /** Returns whether a record of the item cannot be read. */
    public static boolean isUnreadable(StoreUnavailableException failure) {
        return failure.reason() == Reason.CORRUPT;
    }
}
