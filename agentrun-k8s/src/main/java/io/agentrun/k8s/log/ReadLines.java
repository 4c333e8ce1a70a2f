package io.agentrun.k8s.log;

import io.agentrun.k8s.log.LogEnd.Continuity;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of a log were read: those of the last look, recognised by their number and time, then those of this one.
 *
 * <p>Lines are in the order of the file. A runtime writes the two outputs of a container by two threads, so that times go
 * back by microseconds here and there; hence lines are counted, not compared, and the counted window begins a little
 * before the latest time.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ReadLines {

    // How far back the time of a line may be behind that of the line before it.
    private static final long DISORDER_MILLIS = 100;

    /** The lines of one second. */
    private static final class Bucket {
        private final long firstIndex;
        private final Instant first;
        private long lines;

        Bucket(long firstIndex, Instant first) {
            this.firstIndex = firstIndex;
            this.first = first;
        }
    }

    private final @Nullable LogPosition after;
    private final TreeMap<Long, Bucket> seconds = new TreeMap<>();
    private Continuity continuity = Continuity.WHOLE;
    private boolean byTime;
    private long index;
    private @Nullable Instant latest;
    private @Nullable LogPosition position;

    ReadLines(@Nullable LogPosition after) {
        this.after = after;
        this.position = after;
        this.byTime = after != null && after.lines() == 0;
    }

    Continuity continuity() {
        return continuity;
    }

    @Nullable
    LogPosition position() {
        return position;
    }

    /** Returns how far was read before a line of this time. */
    LogPosition positionOrAt(Instant stamp) {
        LogPosition known = position;
        return known == null ? new LogPosition(second(stamp), 0, stamp, stamp.minusNanos(1)) : known;
    }

    /** Returns whether the next line, of this time, is one that the last look has not read. */
    boolean fresh(Instant stamp) {
        if (after == null) {
            return true;
        }
        if (!byTime && index == 0 && !stamp.equals(after.first())) {
            // The line that the last look read first is gone, and who knows how many after it.
            rotated();
        }
        if (!byTime && index == after.lines() - 1 && !stamp.equals(after.last())) {
            rotated();
        }
        return byTime ? stamp.isAfter(after.last()) : index >= after.lines();
    }

    private void rotated() {
        byTime = true;
        continuity = Continuity.ROTATED;
    }

    /** Counts the line; returns how far the log is read with it. */
    LogPosition add(Instant stamp, boolean onlyTheEnd) {
        boolean fresh = fresh(stamp);
        long second = stamp.getEpochSecond();
        seconds.computeIfAbsent(second, key -> new Bucket(index, stamp)).lines++;
        index++;
        if (latest == null || stamp.isAfter(latest)) {
            latest = stamp;
        }
        LogPosition known = position;
        if (!fresh && known != null) {
            return known;
        }
        LogPosition next = onlyTheEnd ? new LogPosition(second(latest), 0, latest, latest) : counted(stamp, latest);
        position = next;
        return next;
    }

    private LogPosition counted(Instant stamp, Instant newest) {
        long since = newest.minusMillis(DISORDER_MILLIS).getEpochSecond();
        if (after != null) {
            // The answer holds nothing before that.
            since = Math.max(since, after.since().getEpochSecond());
        }
        while (seconds.size() > 1 && seconds.firstKey() < since) {
            seconds.pollFirstEntry();
        }
        long lines = 0;
        long firstIndex = Long.MAX_VALUE;
        Instant first = stamp;
        for (Bucket bucket : seconds.values()) {
            lines += bucket.lines;
            if (bucket.firstIndex < firstIndex) {
                firstIndex = bucket.firstIndex;
                first = bucket.first;
            }
        }
        return new LogPosition(Instant.ofEpochSecond(since), lines, first, stamp);
    }

    private static Instant second(Instant stamp) {
        return Instant.ofEpochSecond(stamp.getEpochSecond());
    }
}
