package io.agentrun.tck.script;

import io.agentrun.AgentRunStore;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.RunnerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * When a script began in the time of one store, and how exactly times can be compared there.
 *
 * <p>A store's time may pass by itself, so that an instant cannot be compared to the microsecond. All durations in a script
 * are therefore whole hours, and before every step time moves on by a millisecond: on the reference store, whose time
 * stands still, no lease or delay is ever just about to end, and what is over there is over in the other store as well,
 * whose time is a little later. Of such a store the whole hours since the script began are compared. A store whose time
 * stands still in the fixture is found out at the start, and there times are compared exactly.
 *
 * @param start the time at which the script began
 * @param resolution what two times may differ by and count as equal
 */
record Timeline(Instant start, Duration resolution) {

    private static final Duration EXACT = Duration.ofNanos(1000);
    private static final Duration HOURS = Duration.ofHours(1);
    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final int PROBES = 3;

    /** The timeline of a store that holds nothing yet. */
    static Timeline of(AgentRunStore store, Consumer<Duration> time) {
        Instant seen = now(store);
        boolean still = true;
        for (int i = 0; i < PROBES; i++) {
            time.accept(PROBE);
            Instant next = now(store);
            still &= seen.plus(PROBE).equals(next);
            seen = next;
        }
        return new Timeline(seen, still ? EXACT : HOURS);
    }

    private static Instant now(AgentRunStore store) {
        return store.runners()
                .register(NewRunner.of("clock", RunnerInfo.unknown()))
                .heartbeatAt();
    }

    /** Whether two times, each of its own store, are the same time of the script. */
    static boolean same(Timeline left, Instant leftAt, Timeline right, Instant rightAt) {
        Duration unit = left.resolution.compareTo(right.resolution) < 0 ? right.resolution : left.resolution;
        return left.units(leftAt, unit) == right.units(rightAt, unit);
    }

    private long units(Instant at, Duration unit) {
        Duration since = Duration.between(start, at);
        return Math.floorDiv(since.getSeconds() * 1_000_000 + since.getNano() / 1000, unit.toNanos() / 1000);
    }
}
