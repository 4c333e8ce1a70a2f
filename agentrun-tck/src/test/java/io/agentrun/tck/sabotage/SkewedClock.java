package io.agentrun.tck.sabotage;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.Supplier;

/** A clock that shows another time to a thread while that thread is inside one call. Thread-safe. */
final class SkewedClock extends Clock {

    private final Clock real;
    private final ThreadLocal<Duration> skew = ThreadLocal.withInitial(() -> Duration.ZERO);

    SkewedClock(Clock real) {
        this.real = real;
    }

    /** The result of the call, for which it is so much later (or earlier) than for everybody else. */
    <T> T off(Duration by, Supplier<T> call) {
        skew.set(by);
        try {
            return call.get();
        } finally {
            skew.remove();
        }
    }

    @Override
    public Instant instant() {
        return real.instant().plus(skew.get());
    }

    @Override
    public ZoneId getZone() {
        return real.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
