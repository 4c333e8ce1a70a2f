package io.agentrun.worker.stream;

import java.time.Duration;

/** How long to wait before a call is repeated that failed because the store is unavailable. Thread-safe. */
final class Retries {

    private static final long FIRST_MILLIS = 100;
    private static final long LAST_MILLIS = 5_000;

    private Retries() {}

    /**
     * Returns 100 milliseconds before the first repetition, then twice as much each time, up to 5 seconds.
     *
     * @param attempt how often it has failed, from 1 on
     */
    static Duration delay(int attempt) {
        int doublings = Math.min(attempt - 1, 20);
        return Duration.ofMillis(Math.min(LAST_MILLIS, FIRST_MILLIS << doublings));
    }
}
