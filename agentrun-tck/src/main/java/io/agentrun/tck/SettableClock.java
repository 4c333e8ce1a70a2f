package io.agentrun.tck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that stands still until it is told to move, for fixtures and for unit tests of hosts.
 *
 * <p>Thread-safe.
 */
public final class SettableClock extends Clock {

    private final Object lock = new Object();
    private Instant now;

    private SettableClock(Instant start) {
        now = start;
    }

    /** A clock that shows the given time. */
    public static SettableClock at(Instant start) {
        return new SettableClock(start);
    }

    /** Moves the clock; a negative duration moves it back. */
    public void advance(Duration by) {
        synchronized (lock) {
            now = now.plus(by);
        }
    }

    @Override
    public Instant instant() {
        synchronized (lock) {
            return now;
        }
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** This clock: it has no zone to change. */
    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
