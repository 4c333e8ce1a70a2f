package io.agentrun.k8s.kubectl.memory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a container has written, with the time of each line.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class PodLog {

    private final List<Instant> times = new ArrayList<>();
    private List<String> lines = List.of();
    private LogText.Tail tail = LogText.Tail.ENDED;

    /** Sets the whole log to this text; what it begins with and was there before keeps its time. */
    void set(String text, Instant now) {
        replace(
                text.lines().toList(),
                text.isEmpty() || text.endsWith("\n") ? LogText.Tail.ENDED : LogText.Tail.OPEN,
                now);
    }

    /** Sets the whole log to these lines. */
    void set(List<String> all, Instant now) {
        replace(all, LogText.Tail.ENDED, now);
    }

    private void replace(List<String> all, LogText.Tail end, Instant now) {
        int common = 0;
        // Of a list that is not copied, such as a million times the same line, only what is asked for is ever made.
        while (common < times.size() && common < all.size() && same(all, common)) {
            common++;
        }
        times.subList(common, times.size()).clear();
        Instant next = now;
        if (common > 0 && !now.isAfter(times.get(common - 1))) {
            next = times.get(common - 1).plusNanos(1000);
        }
        while (times.size() < all.size()) {
            times.add(next);
            next = next.plusNanos(1000);
        }
        lines = all;
        tail = end;
    }

    private boolean same(List<String> all, int index) {
        boolean growing = index == times.size() - 1 && tail == LogText.Tail.OPEN;
        return growing
                ? all.get(index).startsWith(lines.get(index))
                : all.get(index).equals(lines.get(index));
    }

    /** Removes the first lines, as after the node has rotated the file. */
    void rotate(int gone) {
        times.subList(0, gone).clear();
        lines = List.copyOf(lines.subList(gone, lines.size()));
    }

    LogText text() {
        return new LogText(lines, List.copyOf(times), tail);
    }
}
