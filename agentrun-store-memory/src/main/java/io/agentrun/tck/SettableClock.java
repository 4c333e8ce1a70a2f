package io.agentrun.tck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until it is told to move, for fixtures and for unit tests of hosts.
 *
 * <p>Thread-safe.
 */
public final class SettableClock extends Clock {

    private final AtomicReference<Instant> now;

    private SettableClock(Instant start) {
        now = new AtomicReference<>(start);
    }

    /** A clock that shows the given time. */
    public static SettableClock at(Instant start) {
        return new SettableClock(start);
    }

    /** Moves the clock; a negative duration moves it back. */
    public void advance(Duration by) {
        now.updateAndGet(instant -> instant.plus(by));
    }

    @Override
    public Instant instant() {
        return now.get();
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
